/** TCP_QUICKACK (tcp(7)), which Node does not know. */
import type { Socket } from 'node:net';
import koffi from 'koffi';
import { libc } from '../../process/libc.js';

const IPPROTO_TCP = 6;
const TCP_QUICKACK = 12;

const setsockopt = libc.func('setsockopt', 'int', [
  'int',
  'int',
  'int',
  koffi.pointer('int'),
  'uint32_t',
]) as (
  fd: number,
  level: number,
  option: number,
  value: readonly number[],
  length: number,
) => number;

/**
 * Acknowledges what has arrived on a TCP connection now, and not in 40 ms: a
 * peer without TCP_NODELAY sends the rest of its frame only after that. Linux
 * goes back to delayed acknowledgements by itself.
 * @returns whether the kernel did it
 */
export function acknowledgeNow(socket: Socket): boolean {
  // Node has no public name for the descriptor.
  const { _handle } = socket as { _handle?: { fd?: number } | null };
  const fd = _handle?.fd ?? -1;
  return fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, [1], 4) === 0;
}
