/**
 * A sandbox's own loopback network.
 *
 * Linux answers on all of 127.0.0.0/8, so each sandbox draws a /24 of its own:
 * several run side by side, and no two compete for a port.
 */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { endianness } from 'node:os';

export interface Network {
  /** The address with this last byte, e.g. `127.83.7.11` for 11. */
  readonly address: (host: number) => string;
}

/** Draws a network; 127.0.x.y is left to whatever else runs on the machine. */
export function drawNetwork(): Network {
  const prefix = `127.${randomInt(1, 255)}.${randomInt(0, 256)}`;
  return { address: (host) => `${prefix}.${host}` };
}

function listens(address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, address, () => {
      const bound = probe.address();
      probe.close(() => {
        if (bound === null || typeof bound === 'string') reject(new Error(`no port on ${address}`));
        else resolve(bound.port);
      });
    });
  });
}

/** A TCP port that is free on every one of these addresses. */
export async function freePort(first: string, ...others: string[]): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const port = await listens(first, 0);
    try {
      await Promise.all(others.map((address) => listens(address, port)));
      return port;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

/**
 * Whether something listens there. The kernel's table says so (proc_pid_net(5)),
 * and the server is not bothered with a connection that says nothing.
 */
export async function isListening(address: string, port: number): Promise<boolean> {
  const bytes = address.split('.').map(Number);
  const hex = (numbers: number[]): string => Buffer.from(numbers).toString('hex').toUpperCase();
  const local = `${hex(endianness() === 'LE' ? bytes.reverse() : bytes)}:${hex([port >> 8, port & 0xff])}`;
  const LISTEN = '0A';
  return (await readFile('/proc/net/tcp', 'utf8')).split('\n').some((line) => {
    const [, at, , state] = line.trim().split(/\s+/);
    return at === local && state === LISTEN;
  });
}

/** Whether something listens at this Unix socket, by the kernel's table as well. */
export async function isListeningAt(socket: string): Promise<boolean> {
  const ACCEPTS_CONNECTIONS = '00010000';
  return (await readFile('/proc/net/unix', 'utf8')).split('\n').some((line) => {
    const [, , , flags, , , , path] = line.split(/\s+/);
    return path === socket && flags === ACCEPTS_CONNECTIONS;
  });
}
