/**
 * Promise: what the library lets pass and the protocol does not is refused: a peer without a name, a
 * context without its three protections, a request that was not encrypted although it is the next one.
 */
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';

const MUTUAL = 2;
const CONF = 16;
const INTEG = 32;
const ANON = 64;
const ALL = MUTUAL | CONF | INTEG;

/** What the library is made to say. */
const said = {
  flags: ALL,
  confidential: true,
  isRfc4121: true,
  inspected: true,
  /** Of the name. */
  major: 0,
  token: 'reply',
  credential: { major: 0, lifetime: 60 },
};
/** What was given back to it. */
const released: string[] = [];

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
      token: Buffer.from(said.token),
      flags: said.flags,
    }),
    acquireCredential: () => ({ ...complete, credential: {}, ...said.credential }),
    displayName: () => ({ ...complete, major: said.major, text: 'alice@CSCLUB.TEST' }),
    inspectContext: () => ({
      ...complete,
      details: said.inspected
        ? { isRfc4121: said.isRfc4121, endTime: 2_000_000_000, receiveSequence: NEXT }
        : undefined,
    }),
    wrap: () => ({ ...complete, token: Buffer.from('token'), confidential: said.confidential }),
    unwrap: () => ({
      ...complete,
      plaintext: Buffer.from('request'),
      confidential: said.confidential,
    }),
    releaseName: () => released.push('name'),
    releaseCredential: () => released.push('credential'),
    deleteSecContext: (context: unknown) => context !== null && released.push('context'),
    displayStatus: () => '',
  }));
  contexts = await import('../../src/gssapi/context.js');
});

beforeEach(() => {
  released.length = 0;
  Object.assign(said, { flags: ALL, confidential: true, isRfc4121: true, inspected: true });
  Object.assign(said, { major: 0, token: 'reply', credential: { major: 0, lifetime: 60 } });
});

const accept = () => new contexts.Acceptor({ handle: {} } as never).step(Buffer.from('token'));

function accepted() {
  const { context } = accept();
  if (context === undefined) throw new Error('it is not complete');
  return context.context;
}

describe('a context', () => {
  test('with all three protections is accepted', () => {
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

test.each([
  ['whose peer has no name', { major: 13 << 16 }, 'Kerberos authentication failed'],
  ['that cannot be looked into', { inspected: false }, 'Kerberos authentication failed'],
  ['of an encryption type of old', { isRfc4121: false }, 'older than RFC 4121'],
])('a context %s is refused', (_what, says, why) => {
  Object.assign(said, says);
  expect(accept).toThrow(why);
  expect(released).toEqual(['name']);
});

test('a step without a token has none to be sent', () => {
  said.token = '';
  expect(accept().token).toBeUndefined();
  said.token = 'reply';
  expect(accept().token?.toString()).toBe('reply');
});

test('what is not handed over is given back, and a context once', () => {
  said.major = 13 << 16;
  const acceptor = new contexts.Acceptor({ handle: {} } as never);
  expect(() => acceptor.step(Buffer.from('token'))).toThrow();
  acceptor.dispose();
  acceptor.dispose();
  expect(released).toEqual(['name', 'context']);
  said.major = 0;
  const context = accepted();
  context.dispose();
  context.dispose();
  expect(released).toEqual(['name', 'context', 'name', 'context']);
});

test('what the library did not encrypt is not sent', () => {
  const context = accepted();
  expect(context.wrap(Buffer.from('reply')).toString()).toBe('token');
  said.confidential = false;
  expect(() => context.wrap(Buffer.from('reply'))).toThrow('did not encrypt');
});

test.each([
  [0, 60, true],
  [0, 0, false],
  [7 << 16, 60, false],
])('a credential with the status %i and %i seconds left', (major, lifetime, isHeld) => {
  said.credential = { major, lifetime };
  expect(contexts.holdsTicket()).toBe(isHeld);
  expect(released).toEqual(['credential']);
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
