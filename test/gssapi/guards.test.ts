/**
 * Promise: what the library lets pass and the protocol does not is refused: a peer without a name, a
 * context without its three protections, a request that was not encrypted although it is the next one.
 */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';

const MUTUAL = 2;
const CONF = 16;
const INTEG = 32;
const ANON = 64;
const ALL = MUTUAL | CONF | INTEG;

/** What the library is made to say. */
const said = { flags: ALL, confidential: true };

const NEXT = 41n;

/** A token as RFC 4121 §4.2.6.2 has it, with a number. */
function tokenOf(sequence: bigint): Buffer {
  const token = Buffer.alloc(32);
  token.writeUInt16BE(0x0504);
  token.writeBigUInt64BE(sequence, 8);
  return token;
}

type Contexts = typeof import('../../src/gssapi/context.js');
let contexts: Contexts;

beforeAll(async () => {
  const complete = { major: 0, minor: 0 };
  jest.unstable_mockModule('../../src/gssapi/ffi.js', () => ({
    acceptSecContext: () => ({
      ...complete,
      context: {},
      source: {},
      token: Buffer.from('reply'),
      flags: said.flags,
    }),
    displayName: () => ({ ...complete, text: 'alice@CSCLUB.TEST' }),
    inspectContext: () => ({
      ...complete,
      details: { isRfc4121: true, endTime: 2_000_000_000, receiveSequence: NEXT },
    }),
    unwrap: () => ({
      ...complete,
      plaintext: Buffer.from('request'),
      confidential: said.confidential,
    }),
    releaseName: () => undefined,
    deleteSecContext: () => undefined,
    displayStatus: () => '',
  }));
  contexts = await import('../../src/gssapi/context.js');
});

const accept = () => new contexts.Acceptor({ handle: {} } as never).step(Buffer.from('token'));

function accepted() {
  Object.assign(said, { flags: ALL, confidential: true });
  const { context } = accept();
  if (context === undefined) throw new Error('it is not complete');
  return context.context;
}

describe('a context', () => {
  test('with all three protections is accepted', () => {
    said.flags = ALL;
    expect(accept().context?.principal).toBe('alice@CSCLUB.TEST');
  });

  test.each([
    ['mutual authentication', MUTUAL],
    ['confidentiality', CONF],
    ['integrity', INTEG],
  ])('without %s is refused', (_what, flag) => {
    said.flags = ALL & ~flag;
    expect(accept).toThrow('lacks mutual, confidentiality or integrity');
  });

  test('of an anonymous peer is refused', () => {
    said.flags = ALL | ANON;
    expect(accept).toThrow('the peer is anonymous');
  });
});

describe('a request', () => {
  test('that is encrypted, and the next one, is taken', () => {
    expect(accepted().unwrap(tokenOf(NEXT)).toString()).toBe('request');
  });

  test('that is the next one, and not encrypted, is refused', () => {
    const context = accepted();
    said.confidential = false;
    expect(() => context.unwrap(tokenOf(NEXT))).toThrow('the token is not encrypted');
  });

  test.each([NEXT - 1n, NEXT + 1n, 0n])('with the number %s is refused', (sequence) => {
    const context = accepted();
    expect(() => context.unwrap(tokenOf(sequence))).toThrow('out of sequence');
  });
});
