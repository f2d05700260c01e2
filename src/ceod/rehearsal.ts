/**
 * A connection that comes to nothing, before the first that counts: what runs for the
 * first time takes ten times as long.
 */
import net from 'node:net';
import { socketPair } from '../process/descriptors.js';
import { encodeFrame, MSG_AUTH } from '../wire/frame.js';

/** What no mechanism takes for a token. */
const NO_TOKEN = Buffer.alloc(1);

/** @param serve closes the connection of a client that sends no token, or throws */
export async function rehearse(serve: (socket: net.Socket) => Promise<void>): Promise<void> {
  const [ours, theirs] = sockets();
  if (ours === undefined || theirs === undefined) return;
  theirs.on('error', () => undefined).resume();
  theirs.write(encodeFrame(MSG_AUTH, NO_TOKEN));
  await serve(ours).catch(() => undefined);
  ours.destroy();
  theirs.destroy();
}

/** None if there are no descriptors left: then there is no rehearsal. */
function sockets(): net.Socket[] {
  try {
    return socketPair().map((fd) => new net.Socket({ fd }));
  } catch {
    return [];
  }
}
