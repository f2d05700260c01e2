/** Tells whoever supervises this process how it is: a datagram, sd_notify(3). Node has none on Unix sockets. */
import { libc } from './libc.js';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** Of sun_path in a struct sockaddr_un. */
const MAX_PATH = 108;

const c = {
  socket: libc.func('socket', 'int', ['int', 'int', 'int']) as (
    ...args: [domain: number, type: number, protocol: number]
  ) => number,
  sendto: libc.func('sendto', 'long', [
    ...['int', 'void *', 'size_t', 'int'],
    ...['void *', 'uint32_t'],
  ]) as (
    ...args: [fd: number, data: Buffer, length: number, flags: number, to: Buffer, size: number]
  ) => number,
  close: libc.func('close', 'int', ['int']) as (fd: number) => number,
};

/**
 * @param address a path, or the name of an abstract socket behind `@`
 * @returns whether it is on its way
 */
export function notify(address: string, state: string): boolean {
  const name = Buffer.from(address.replace(/^@/, '\0'));
  if (name.length === 0 || name.length >= MAX_PATH) return false;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  const to = Buffer.concat([family, name, Buffer.alloc(address.startsWith('@') ? 0 : 1)]);
  const fd = c.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const data = Buffer.from(state);
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  const isSent = c.sendto(fd, data, data.length, flags, to, to.length) === data.length;
  c.close(fd);
  return isSent;
}
