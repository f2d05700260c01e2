/** Promise: no op waits for the log, and nothing ends for want of it: lines that cannot be written are counted, and told when there is room. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isListening } from '../../../sandbox/network.js';
import { programsOf } from '../../../sandbox/programs.js';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { encodeFrame, MSG_AUTH } from '../../../src/wire/frame.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { folder, run } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const { id, input, encoding } = ops.updateMail;
const mail = Buffer.from(encodeBody(input, encoding, { username: 'mailu00' }));

let master: ChildProcess | undefined;
let exited = false;
const open: number[] = [];
afterEach(async () => {
  if (!exited) {
    master?.kill('SIGTERM');
    await eventually(() => exited);
  }
  open.splice(0).forEach((fd) => closeSync(fd));
});

const main = () => path.join(programsOf(folder), 'dist', 'ceod', 'main.js');

/** A ceod whose standard error is this. */
async function start(host: OwnHost, stderr: number): Promise<void> {
  exited = false;
  master = spawn(process.execPath, [main()], {
    cwd: '/',
    env: { ...process.env, ...host.env },
    stdio: ['ignore', 'ignore', stderr],
  });
  master.on('exit', () => (exited = true));
  const [address = '', port = ''] = host.target.split(':');
  await eventually(() => isListening(address, Number(port)));
}

async function serve({ target }: OwnHost, times: number): Promise<void> {
  const client = await WireClient.authenticated(target);
  for (let i = 0; i < times; i += 1) {
    client.send(client.op(id, mail));
    expect(await client.reply()).toBeDefined();
  }
  client.close();
}

/** Makes the daemon log. */
async function fail({ target }: OwnHost): Promise<void> {
  const client = await WireClient.connect(target);
  client.send(encodeFrame(MSG_AUTH, Buffer.from('no token')));
  expect(await client.receive()).toBeUndefined();
}

async function ends(): Promise<void> {
  master?.kill('SIGTERM');
  await eventually(() => exited);
  expect(master?.exitCode).toBe(0);
}

/** A named pipe that is open at both ends: whoever writes finds a reader who does not read. */
async function pipe(host: OwnHost): Promise<{ reader: number; writer: number }> {
  const file = path.join(host.dir, 'log.fifo');
  await run(['mkfifo', file]);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(file, constants.O_WRONLY);
  open.push(reader, writer);
  return { reader, writer };
}

describe('ceod serves, and ends when it is told to', () => {
  test('with /dev/full for a log', async () => {
    const host = await ownHost('log_level = debug');
    const full = openSync('/dev/full', 'w');
    open.push(full);
    await start(host, full);
    await fail(host);
    await serve(host, 3);
    await ends();
  });

  test('with a log that nobody reads any more', async () => {
    const host = await ownHost('log_level = debug');
    const { reader, writer } = await pipe(host);
    await start(host, writer);
    closeSync(reader);
    open.splice(open.indexOf(reader), 1);
    await fail(host);
    await serve(host, 3);
    await ends();
  });

  test('with a pipe that nobody empties; lines dropped are told once somebody does', async () => {
    const host = await ownHost('log_level = debug\nsessions_per_process = 100000');
    const { reader, writer } = await pipe(host);
    await start(host, writer);
    // Lines of 300 bytes and more: the pipe and what may wait are full several times over.
    for (let i = 0; i < 10; i += 1) await serve(host, 1_000);
    const read = Buffer.alloc(1 << 16);
    let text = '';
    await eventually(() => {
      try {
        for (let length = 1; length > 0;) {
          length = readSync(reader, read);
          text += read.toString('utf8', 0, length);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      return text.includes('log lines dropped: there was no room for them');
    });
    for (const line of text.trim().split('\n').slice(0, -1)) JSON.parse(line);
    await serve(host, 3);
    await ends();
  });

  test('with a disk that is full; lines dropped are told once there is room', async () => {
    const host = await ownHost('log_level = debug');
    const disk = path.join(host.dir, 'disk');
    const log = path.join(disk, 'ceod.log');
    const mounted = await run([
      'sh',
      '-ec',
      `mkdir '${disk}' && mount -t tmpfs -o size=64k none '${disk}'`,
    ]);
    expect(mounted).toMatchObject({ status: 0, stderr: '' });
    try {
      const fd = openSync(log, 'a');
      open.push(fd);
      await run(['sh', '-c', `head -c 1000000 /dev/zero >'${disk}/filler'`]);
      await start(host, fd);
      for (let i = 0; i < 5; i += 1) await fail(host);
      await serve(host, 3);
      await run(['rm', path.join(disk, 'filler')]);
      await eventually(() =>
        readFileSync(log, 'utf8').includes('log lines dropped: there was no room for them'),
      );
      await fail(host);
      await serve(host, 3);
      await ends();
      expect(readFileSync(log, 'utf8')).toContain('stopped');
    } finally {
      open.splice(0).forEach((fd) => closeSync(fd));
      await run(['umount', '-l', disk]);
    }
  });
});
