/**
 * Why the ceod protocol does not use npm `kerberos`: it cannot. This test
 * documents what is missing, and fails the day it is there, so that the FFI can
 * go. Each case runs in a process of its own, since some of them crash it.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const prelude = `
import kerberos from 'kerberos';
const SERVICE = 'ceod@ginseng.csclub.test';
const { GSS_MECH_OID_KRB5: mechOID } = kerberos;
async function handshake(options) {
  const client = await kerberos.initializeClient(SERVICE, { mechOID, ...options });
  const server = await kerberos.initializeServer(SERVICE);
  await server.step(await client.step(''));
  await client.step(server.response);
  return { client, server };
}
`;

async function outcome(script: string): Promise<string> {
  try {
    const args = ['--input-type=module', '-e', prelude + script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    return stdout.trim();
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: number };
    return `crashed: ${signal ?? code ?? 'unknown'}`;
  }
}

test('the handshake works, so what follows is about what comes behind it', async () => {
  expect(await outcome(`const { server } = await handshake(); console.log(server.username);`)).toBe(
    'ctdalek@CSCLUB.TEST',
  );
});

test('a server can neither wrap nor unwrap', async () => {
  expect(
    await outcome(`
      const { server } = await handshake();
      console.log(typeof server.wrap, typeof server.unwrap);`),
  ).toBe('undefined undefined');
});

test('a client that wraps a message loses it', async () => {
  expect(
    await outcome(`
      const { client } = await handshake();
      const message = Buffer.alloc(500, 'x').toString('base64');
      const token = Buffer.from(await client.wrap(message), 'base64');
      console.log(token.length < 500 ? 'payload lost' : 'payload wrapped');`),
  ).toBe('payload lost');
});

test('wrapping an empty message kills the process', async () => {
  expect(
    await outcome(`
      const { client } = await handshake();
      await client.wrap('').then(() => console.log('wrapped'), () => console.log('refused'));`),
  ).toMatch(/^crashed: /);
});
