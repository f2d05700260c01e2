/** A port whose host does not even answer SYN: its queue of connections is full, and nobody takes any. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface SilentHost {
  readonly port: number;
  stop(): void;
}

const SCRIPT = `
import socket, sys, time
server = socket.socket()
# What a server before it left in TIME_WAIT is no hindrance.
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((sys.argv[1], int(sys.argv[2])))
server.listen(0)
waiting = []
for _ in range(4):
    client = socket.socket()
    client.setblocking(False)
    try:
        client.connect(server.getsockname())
    except BlockingIOError:
        pass
    waiting.append(client)
print(server.getsockname()[1], flush=True)
time.sleep(3600)
`;

/** @param port 0: any that is free */
export async function startSilentHost(address = '127.0.0.1', port = 0): Promise<SilentHost> {
  const child = spawn('python3', ['-c', SCRIPT, address, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (line.done === true) throw new Error(`no silent host at ${address} port ${port}`);
  return { port: Number(line.value), stop: () => void child.kill('SIGKILL') };
}
