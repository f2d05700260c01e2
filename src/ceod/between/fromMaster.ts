/** A child's end of what child.ts is the master's. */
import { writeSync } from 'node:fs';
import net from 'node:net';
import { receiveDescriptor } from '../../process/descriptors.js';

const REPORTS = 1;
const SOCKETS = 3;

/**
 * @param onMessage takes what the master sends to this kind of child
 * @param onGone called when the master is no more
 */
export function hearMaster(onMessage: (message: never) => void, onGone: () => void): void {
  let line = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string) => {
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    for (const each of lines) onMessage(JSON.parse(each) as never);
  });
  process.stdin.on('error', () => undefined);
  process.stdin.on('close', onGone);
}

/** Says a byte to the master, if it is still there. */
export function say(byte: number): void {
  try {
    writeSync(REPORTS, Buffer.of(byte));
  } catch {
    // It is gone, as standard input tells.
  }
}

/** A socket that the master has sent; undefined if there is none. */
export function takeSocket(): net.Socket | undefined {
  const fd = receiveDescriptor(SOCKETS);
  return fd === undefined ? undefined : new net.Socket({ fd, allowHalfOpen: true });
}
