/** Open descriptors handed from one process to another: sendmsg(2) with SCM_RIGHTS, unix(7). */
import koffi from 'koffi';
import { libc } from './libc.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

const Vector = koffi.struct({ base: 'void *', length: 'size_t' });
const MessageHeader = koffi.struct({
  name: 'void *',
  nameLength: 'uint32_t',
  vectors: koffi.pointer(Vector),
  vectorCount: 'size_t',
  control: 'void *',
  controlLength: 'size_t',
  flags: 'int',
});

/** A struct cmsghdr, of LP64, with one descriptor: cmsg(3). */
const CONTROL_LENGTH = 24;
const LENGTH_WITHOUT_PADDING = 20;
const AT_LEVEL = 8;
const AT_TYPE = 12;
const AT_DESCRIPTOR = 16;

const c = {
  socketpair: libc.func('socketpair', 'int', [
    'int',
    'int',
    'int',
    koffi.out(koffi.pointer('int')),
  ]) as (domain: number, type: number, protocol: number, descriptors: number[]) => number,
  sendmsg: libc.func('sendmsg', 'long', ['int', koffi.pointer(MessageHeader), 'int']) as Transfer,
  recvmsg: libc.func('recvmsg', 'long', [
    'int',
    koffi.inout(koffi.pointer(MessageHeader)),
    'int',
  ]) as Transfer,
};

type Transfer = (fd: number, header: Header, flags: number) => number;
type Header = ReturnType<typeof header>;

/** With one byte of data: a message on a stream has some. */
const header = (control: Buffer) => ({
  name: null,
  nameLength: 0,
  vectors: { base: Buffer.alloc(1), length: 1 },
  vectorCount: 1,
  control,
  controlLength: control.length,
  flags: 0,
});

/**
 * Two connected Unix sockets, closed when a program is executed.
 * @throws Error if there are no descriptors left
 */
export function socketPair(): [number, number] {
  const pair: [number, number] = [-1, -1];
  if (c.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) === 0) return pair;
  throw new Error(`socketpair: errno ${koffi.errno()}`);
}

/**
 * Hands a descriptor over; the sender's own stays open.
 * @returns whether it is on its way
 */
export function sendDescriptor(over: number, descriptor: number): boolean {
  const control = Buffer.alloc(CONTROL_LENGTH);
  control.writeBigUInt64LE(BigInt(LENGTH_WITHOUT_PADDING));
  control.writeInt32LE(SOL_SOCKET, AT_LEVEL);
  control.writeInt32LE(SCM_RIGHTS, AT_TYPE);
  control.writeInt32LE(descriptor, AT_DESCRIPTOR);
  return c.sendmsg(over, header(control), MSG_DONTWAIT | MSG_NOSIGNAL) === 1;
}

/** A descriptor that has been sent; undefined if there is none. */
export function receiveDescriptor(over: number): number | undefined {
  const control = Buffer.alloc(CONTROL_LENGTH);
  const length = c.recvmsg(over, header(control), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  const isDescriptor =
    length === 1 &&
    control.readBigUInt64LE() === BigInt(LENGTH_WITHOUT_PADDING) &&
    control.readInt32LE(AT_LEVEL) === SOL_SOCKET &&
    control.readInt32LE(AT_TYPE) === SCM_RIGHTS;
  return isDescriptor ? control.readInt32LE(AT_DESCRIPTOR) : undefined;
}
