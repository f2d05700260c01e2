/** Who is at the other end of a Unix socket: SO_PEERCRED, unix(7). */
import type { Socket } from 'node:net';
import koffi from 'koffi';
import { libc } from './libc.js';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** Of a struct ucred: pid, uid and gid. */
const LENGTH = 12;

const getsockopt = libc.func('getsockopt', 'int', [
  'int',
  'int',
  'int',
  'void *',
  koffi.inout(koffi.pointer('uint32_t')),
]) as (fd: number, level: number, option: number, value: Buffer, length: number[]) => number;

/** The process that connected, as the kernel knew it then; undefined if it is gone by now. */
export function peerPid(socket: Socket): number | undefined {
  // Node has no public name for the descriptor.
  const { _handle } = socket as { _handle?: { fd?: number } | null };
  const fd = _handle?.fd ?? -1;
  const credentials = Buffer.alloc(LENGTH);
  if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, [LENGTH]) !== 0)
    return undefined;
  return credentials.readInt32LE(0);
}
