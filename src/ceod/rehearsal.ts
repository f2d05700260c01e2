/**
 * A connection that comes to nothing, before the first that counts: what runs for the
 * first time takes ten times as long.
 */
import net from 'node:net';
import { encodeFrame, MSG_AUTH } from '../wire/frame.js';

/** What no mechanism takes for a token. */
const NO_TOKEN = Buffer.alloc(1);

/** What `serve` makes of a client that sends no token; it closes the connection. */
export async function rehearse(serve: (socket: net.Socket) => Promise<void>): Promise<void> {
  const server = net.createServer();
  // In the abstract namespace, unix(7): there is no file.
  server.listen(`\0ceod-rehearsal-${process.pid}`);
  await new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      server.close();
      serve(socket).catch(() => socket.destroy());
    });
    server.on('listening', () => {
      const client = net.connect(server.address() as string);
      client.on('error', () => undefined);
      client.on('close', () => resolve());
      client.resume();
      client.write(encodeFrame(MSG_AUTH, NO_TOKEN));
    });
    server.on('error', () => resolve());
  });
}
