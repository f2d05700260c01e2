/** Sockets that are being opened. */
import type { Socket } from 'node:net';

/**
 * Resolves when a socket is open. Whatever ends it before that is an error, also destroy(), which
 * tells by `close` alone: a promise that nothing settles lets Node end without a word.
 */
export function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect' = 'connect',
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('the server closed the connection'));
    socket.once('error', reject);
    socket.once('close', onClose);
    socket.once(event, () => {
      socket.off('error', reject);
      socket.off('close', onClose);
      resolve();
    });
  });
}
