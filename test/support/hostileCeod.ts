/** A ceod that holds the service's key, and does with its clients what a test says. */
import net from 'node:net';
import { Acceptor, AcceptorCredential, type SecurityContext } from '../../src/gssapi/context.js';
import { encodeFrame, MSG_AUTH, type Frame } from '../../src/wire/frame.js';
import { readFrames } from '../../src/wire/stream.js';
import { ginseng } from './realm.js';
import { ownHost, type OwnHost } from './ownCeod.js';

export interface Peer {
  readonly socket: net.Socket;
  /** The next frame; never resolves once the client has gone. */
  frame(): Promise<Frame>;
  /** Completes the authentication. */
  accept(): Promise<SecurityContext>;
}

export interface HostileCeod extends OwnHost {
  /** What becomes of each connection. */
  serve: (peer: Peer) => Promise<void>;
  stop(): void;
}

/** @param settings lines for the clients' ceod.cf */
export async function startHostileCeod(settings: string): Promise<HostileCeod> {
  const host = await ownHost(settings);
  const [address = '', port = ''] = host.target.split(':');
  const credential = AcceptorCredential.acquire(`ceod@${ginseng}`);
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const frames = readFrames(socket);
    const frame = async () => {
      const { value } = (await frames.next().catch(() => ({ value: undefined }))) as {
        value: Frame | undefined;
      };
      return value ?? (await new Promise<never>(() => undefined));
    };
    const accept = async () => {
      const acceptor = new Acceptor(credential);
      const { token, context } = acceptor.step((await frame()).body);
      acceptor.dispose();
      if (token !== undefined) socket.write(encodeFrame(MSG_AUTH, token));
      if (context === undefined) throw new Error('not authenticated');
      return context.context;
    };
    void hostile.serve({ socket, frame, accept });
  });
  await new Promise<void>((resolve) => server.listen(Number(port), address, resolve));
  const hostile: HostileCeod = {
    ...host,
    serve: () => Promise.resolve(),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      credential.dispose();
    },
  };
  return hostile;
}
