/** Promise: ceod tells systemd how it is, and takes over the socket that systemd holds, without its library. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { nodeOf, programsOf } from '../../../sandbox/programs.js';
import { startServer, type Server } from '../../../sandbox/server.js';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/json.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { folder, run } from '../../support/realm.js';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** What systemd would hear at an address, as it comes. */
async function listener(address: string) {
  const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\\0"))
print("bound", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", " "), flush=True)`;
  const child: ChildProcess = spawn('python3', ['-c', script, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ended.push(async () => child.kill() && once(child, 'exit'));
  let text = '';
  child.stdout?.on('data', (piece) => (text += String(piece)));
  await eventually(() => text.includes('bound'));
  return () => text.trim().split('\n').slice(1);
}

test.each(['path', '@abstract'])(
  'READY when it serves, RELOADING and READY, STOPPING: to a socket by its %s',
  async (kind) => {
    const host = await ownHost('');
    const address = kind === 'path' ? path.join(host.dir, 'notify') : `@${host.dir}/notify`;
    const heard = await listener(address);
    const ceod: OwnCeod = await startCeodOn(host, { NOTIFY_SOCKET: address });
    ended.push(() => ceod.stop());
    await eventually(() => heard().length === 1);
    expect(ceod.log().map(({ msg }) => msg)).toContain('listening');
    process.kill(ceod.server.pid, 'SIGHUP');
    await eventually(() => heard().length === 3);
    await ceod.stop();
    await eventually(() => heard().length === 4);
    expect(heard()).toEqual([
      'READY=1',
      expect.stringMatching(/^RELOADING=1 MONOTONIC_USEC=\d+$/),
      'READY=1',
      'STOPPING=1',
    ]);
  },
);

test('a socket that is passed: who connects before and between two daemons is served', async () => {
  const host = await ownHost('');
  const [address = '', port = ''] = host.target.split(':');
  // As systemd does it: it holds the socket, and starts ceod with it as descriptor 3.
  const script = `
import os, signal, socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(64)
def start():
    pid = os.fork()
    if pid == 0:
        os.dup2(s.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
        os.execv(sys.argv[3], sys.argv[3:])
    return pid
pids = [start()]
def again(*_):
    os.kill(pids[0], signal.SIGTERM)
    os.waitpid(pids[0], 0)
    pids[0] = start()
def end(*_):
    os.kill(pids[0], signal.SIGTERM)
    os.waitpid(pids[0], 0)
    os._exit(0)
signal.signal(signal.SIGUSR1, again)
signal.signal(signal.SIGTERM, end)
while True: signal.pause()`;
  const main = path.join(programsOf(folder), 'dist', 'ceod', 'main.js');
  const server: Server = await startServer({
    name: 'holder',
    command: ['python3', '-c', script, address, port, nodeOf(folder), main],
    env: { ...(process.env as Record<string, string>), ...host.env },
    log: path.join(host.dir, 'ceod.log'),
    ready: () => Promise.resolve(true),
  });
  ended.push(() => server.stop());
  const ping = () => send('ctdalek', 'ping', {}, { ...host.env });
  await eventually(async () => (await ping()).status === 0);
  const asked = Array.from({ length: 4 }, ping);
  process.kill(server.pid, 'SIGUSR1');
  // None of them is refused while there is no ceod: the socket keeps them.
  const later = Array.from({ length: 4 }, ping);
  const replies = await Promise.all([...asked, ...later]);
  expect(replies.map(({ stderr }) => stderr).join('')).not.toMatch(/cannot be reached/);
  expect(replies.slice(4).map(({ status }) => status)).toEqual([0, 0, 0, 0]);
});

test('more sockets than one are refused, those of another process are not looked at', async () => {
  const { env } = await ownHost('');
  const start = (pid: string) =>
    run(['sh', '-c', `LISTEN_FDS=2 LISTEN_PID=${pid} exec timeout 5 ceod`], { env });
  // timeout(1) has ceod as its child.
  expect((await start('1')).status).toBe(124);
  const refused = await run(['sh', '-c', 'LISTEN_FDS=2 LISTEN_PID=$$ exec ceod'], { env });
  expect(refused).toMatchObject({ status: 10, stderr: expect.stringContaining('ListenStream=') });
});
