/**
 * A connection that comes to nothing, before the first that counts: what runs for the
 * first time takes ten times as long.
 */
import net from 'node:net';
import koffi from 'koffi';
import { libc } from '../process/libc.js';
import { encodeFrame, MSG_AUTH } from '../wire/frame.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;

const socketpair = libc.func('socketpair', 'int', [
  'int',
  'int',
  'int',
  koffi.out(koffi.pointer('int')),
]) as (domain: number, type: number, protocol: number, descriptors: number[]) => number;

/** What no mechanism takes for a token. */
const NO_TOKEN = Buffer.alloc(1);

/** @param serve closes the connection of a client that sends no token, or throws */
export async function rehearse(serve: (socket: net.Socket) => Promise<void>): Promise<void> {
  const descriptors = [0, 0];
  // Without one there is no rehearsal; socketpair(2).
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors) !== 0) return;
  const [ours, theirs] = descriptors.map((fd) => new net.Socket({ fd }));
  if (ours === undefined || theirs === undefined) return;
  theirs.on('error', () => undefined).resume();
  theirs.write(encodeFrame(MSG_AUTH, NO_TOKEN));
  await serve(ours).catch(() => undefined);
  ours.destroy();
  theirs.destroy();
}
