/** Promise: a password arrives as it was given, or not at all: what a file has around it is told, never dropped. */
import { describe, expect, test } from '@jest/globals';
import { decodeBody } from '../../../src/protocol/body.js';
import { BodyEncoding } from '../../../src/generated/ceo/op_pb.js';
import { AddUserSchema } from '../../../src/generated/ceo/ceo_pb.js';
import { passwordProblem } from '../../../src/rules.js';
import { principalExists, runAs, variable } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const BOM = '\\357\\273\\277';

/** @param bytes as printf(1) takes them */
const shell = (bytes: string, command: string) =>
  runAs('ctdalek', ['sh', '-c', `printf '${bytes}' | ${command}`]);

const cases: [string, string, RegExp][] = [
  ['a byte-order mark', `${BOM}long-enough\\n`, /begins with a byte-order mark/],
  ['a carriage return', 'long-enough\\r\\n', /carriage return[^]*tr -d/],
  ['NUL', 'long\\000enough\\n', /control character/],
  ['an escape', 'long\\033enough\\n', /control character/],
  ['no UTF-8', 'long-\\377enough\\n', /no UTF-8[^]*iconv/],
  ['UTF-16', '\\377\\376l\\000o\\000n\\000g\\000\\n\\000', /no UTF-8/],
  ['nothing', '\\n', /is empty/],
  ['an end at once', '', /is empty/],
];

describe('on standard input', () => {
  test.each(cases)('%s: refused, and nothing is sent', async (_what, bytes, why) => {
    for (const command of [
      'ceo members add pwinput -n Input --password-stdin',
      'addmember --stdin pwinput Input',
      'ceo members passwd mailu08 --password-stdin',
    ]) {
      const { status, stderr } = await shell(bytes, command);
      expect(stderr).toMatch(/^ceo: Standard input .+\n {5}.+\n$/);
      expect(stderr).toMatch(why);
      expect(stderr).not.toContain('long');
      expect(status).toBe(2);
    }
    expect(await principalExists('pwinput')).toBe(false);
  });

  test('without end: not read for ever', async () => {
    const { status, stderr } = await runAs('ctdalek', [
      'sh',
      '-c',
      'ceo members passwd mailu08 --password-stdin </dev/zero',
    ]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('does not end') as unknown,
    });
  });

  test('what is behind the first line does not count, nor that it has no end', async () => {
    for (const bytes of ['first-enough\\nmore\\r\\n', 'later-enough']) {
      const { status, stderr } = await shell(bytes, 'ceo members passwd mailu08 --password-stdin');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });
});

describe('in a request', () => {
  test.each([
    ['a password that begins with a mark', `{"password": "${BOM}long-enough"}`, /password: begins/],
    ['a mark at the beginning', `${BOM}{"password": "long-enough"}`, /begins with a byte-order/],
    ['no UTF-8', '{"password": "long-\\377enough"}', /no UTF-8/],
  ])('%s: ceoc does not send it', async (_what, json, why) => {
    const request = json.replace(
      '{',
      '{"type": "MEMBER", "username": "pwinput", "realname": "x", ',
    );
    const { status, stdout, stderr } = await shell(request, 'ceoc adduser --json');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toContain('long');
  });

  test('ceoc reads no request without end', async () => {
    for (const args of ['mail', 'mail --json']) {
      const { status, stderr } = await runAs('ctdalek', ['sh', '-c', `ceoc ${args} </dev/zero`]);
      expect(stderr).toContain('more than 1 MB');
      expect(status).toBe(2);
    }
  });

  test('ceod refuses it, and names the field', async () => {
    const string = (field: number, text: string) =>
      Buffer.concat([
        Buffer.from([(field << 3) | 2, Buffer.byteLength(text)]),
        Buffer.from(text, 'utf8'),
      ]);
    const body = Buffer.concat([
      Buffer.from([0x08, 1]),
      string(2, 'pwinput'),
      string(3, '\ufefflong-enough'),
      string(4, 'Input'),
    ]);
    expect(() => decodeBody(AddUserSchema, BodyEncoding.PROTOBUF, body)).toThrow(/^password: /);
    const client = await WireClient.authenticated(variable('CEOD_GINSENG'));
    client.send(client.op(0x01, body));
    const reply = (await client.reply())?.toString('utf8');
    client.close();
    expect(reply).toContain('password: begins with a byte-order mark');
    expect(await principalExists('pwinput')).toBe(false);
  });
});

test('the rule that menu and import go by', () => {
  expect(passwordProblem('\ufefflong-enough', 4)).toContain('byte-order mark');
  expect(passwordProblem('long-enough', 4)).toBeUndefined();
});
