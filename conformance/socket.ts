/** What both sides of the tool do with a socket. */
import type net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { HEADER_LENGTH } from '../src/wire/frame.js';
import { Broken } from './case.js';

/** How long a peer is waited for that neither answers nor closes. */
export const patience = { seconds: 30 };

/** More than the buffers of two kernels hold: whoever takes all of it reads it. */
const FLOOD = 64 << 20;

/** The header of a frame, whose body may follow or not. */
export function header(length: number, type: number): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(type, 4);
  return bytes;
}

/** The same with one bit turned. */
export function modified(bytes: Buffer, at = bytes.length - 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** @throws Broken if it takes longer than anybody's patience */
export async function patiently<T>(work: Promise<T>, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Broken(why)), patience.seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Byte by byte, each a write of its own. */
export async function sendSlowly(socket: net.Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Buffer.of(byte));
    await turn();
  }
}

/** Sends a header that no body may follow, and its body as long as the peer takes it. @throws Broken */
export async function flood(socket: net.Socket, type: number): Promise<void> {
  const chunk = Buffer.alloc(1 << 16);
  socket.write(header(0xffffffff, type));
  for (let sent = 0; sent < FLOOD && !socket.destroyed; sent += chunk.length) {
    if (socket.write(chunk)) continue;
    await patiently(
      new Promise<void>((resolve) => socket.once('drain', resolve).once('close', () => resolve())),
      'a length of 4 GiB - 1: it neither reads the body nor closes',
    );
  }
  if (!socket.destroyed)
    throw new Broken(`a length of 4 GiB - 1: it reads on, after ${FLOOD >> 20} MiB of the body`);
}
