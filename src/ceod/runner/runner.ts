/**
 * A runner: the process that executes ops, one for each op user. It takes every
 * byte of a request as hostile; only it parses the principal, decodes,
 * authorises, validates and executes. It never changes its own uid.
 */
import { chmod, rm } from 'node:fs/promises';
import net from 'node:net';
import { serveChannel, type ChannelReply, type ChannelRequest } from '../between/channel.js';
import { Channels } from './channels.js';
import { loadDaemonConfig } from '../base/config.js';
import { Dispatcher } from './dispatcher.js';
import { inOp, RateLimitedLog, type Logger } from '../base/log.js';
import { watchLingering } from '../../process/lingering.js';
import { logLingering } from './lingeringLog.js';
import type { RunnerOptions } from '../between/masterProtocol.js';
import { printable } from '../../printable.js';
import { busy } from '../base/refusal.js';
import { handlerTable } from './handlers.js';
import { Site } from '../site/site.js';
import type { Observer } from '../accounts/transaction.js';

export interface Runner {
  /** Finishes the ops in hand, then ends. */
  drain(): Promise<void>;
}

/** Starts to serve requests on a Unix socket. */
export async function startRunner(
  { user, isAdmin, socketPath }: RunnerOptions,
  log: Logger,
  observe?: Observer,
): Promise<Runner> {
  watchLingering(logLingering(log));
  const config = await loadDaemonConfig();
  const site = new Site(config, isAdmin, log);
  const routes = config.ownRoutes.filter((route) => route.user === user);
  const dispatcher = new Dispatcher(
    await handlerTable(site, routes, observe),
    config.accounts.krb5Realm,
    (username) => site.authority.caller(username),
    log,
  );
  const inHand = new Set<Promise<unknown>>();
  const { maxPerPrincipal } = config.ceod;
  const channels = new Channels(maxPerPrincipal);
  const tooMany = new RateLimitedLog((count) => {
    log.warn({ count }, 'a session process has too many channels: closed');
  });
  const execute = async (socket: net.Socket, request: ChannelRequest): Promise<ChannelReply> => {
    const { opId, principal } = request;
    if (!channels.use(socket, principal)) {
      log.warn({ principal, maxPerPrincipal }, 'a principal has too many connections: refused');
      const body = dispatcher.refuse(opId, tooManyConnections(principal, maxPerPrincipal));
      return body && { body, closes: true };
    }
    const op = dispatcher.dispatch(request).finally(() => inHand.delete(op));
    inHand.add(op);
    const body = await op;
    return body && { body };
  };
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    if (!channels.add(socket)) {
      tooMany.note();
      socket.destroy();
      return;
    }
    serveChannel(socket, (request) => inOp(request, () => execute(socket, request))).catch(
      (error: unknown) => {
        log.error({ err: error }, 'channel');
        socket.destroy();
      },
    );
  });
  await listen(server, socketPath);
  return {
    async drain() {
      server.close();
      await Promise.allSettled(inHand);
      site.close();
    },
  };
}

const tooManyConnections = (principal: string, most: number) =>
  busy(
    `${printable(principal)} has ${most} connections to ceod already, as many as one may have; ` +
      'end one of them, or try again in a moment',
  );

async function listen(server: net.Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o666);
}
