/**
 * The socket by which root asks a running master: a line of words in, a line of JSON out, and the
 * connection is closed. Nothing here makes the master wait or grow: few connections, of which little is
 * read, each for a short time.
 */
import { chmod, rename, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import type { CeodSettings } from '../../config/settings.js';
import { CeoError, messageOf } from '../../errors.js';
import { printableJson } from '../../printable.js';

/** What may be asked, by its first word; what is behind it is an argument. */
export type Commands = Readonly<Record<string, (argument: string) => object | Promise<object>>>;

export const controlSocket = ({ runtimeDir }: Pick<CeodSettings, 'runtimeDir'>): string =>
  path.join(runtimeDir, 'control.sock');

const MOST = 4;
const MAX_QUESTION = 256;
const TIME_MS = 2_000;

/**
 * Made under a name of its own, and renamed: a daemon that ends removes the name that it made, and
 * this one may be its successor's by then.
 */
export async function serveControl(file: string, commands: Commands): Promise<void> {
  const own = `${file}.${process.pid}`;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    answer(socket, commands).catch(() => socket.destroy());
  });
  server.maxConnections = MOST;
  server.on('error', () => undefined);
  await rm(own, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(own, resolve);
  });
  await chmod(own, 0o600);
  await rename(own, file);
  // It keeps no process from its end.
  server.unref();
}

async function answer(socket: net.Socket, commands: Commands): Promise<void> {
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), TIME_MS);
  socket.on('close', () => clearTimeout(timer));
  const question = await firstLine(socket);
  const [word = '', argument = ''] = question.split(' ');
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  const said = command === undefined ? { error: 'unknown command' } : await command(argument);
  if (!socket.destroyed) socket.end(`${printableJson(said)}\n`);
}

/** Of what is longer than any question, the beginning. */
function firstLine(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => {
      text = (text + piece).slice(0, MAX_QUESTION);
      if (!text.includes('\n') && text.length < MAX_QUESTION) return;
      socket.pause();
      resolve(text.split('\n')[0] ?? '');
    });
    socket.on('end', () => resolve(text));
  });
}

/** What a client waits for: more than the master takes. */
const PATIENCE_MS = 5_000;

/** Asks the master that runs. @throws CeoError unreachable, if there is none; denied */
export async function askMaster(file: string, question: string): Promise<unknown> {
  const socket = net.connect(file);
  const timer = setTimeout(() => socket.destroy(new Error('no answer')), PATIENCE_MS);
  try {
    socket.write(`${question}\n`);
    const pieces: Buffer[] = [];
    for await (const piece of socket as AsyncIterable<Buffer>) pieces.push(piece);
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES')
      throw new CeoError('denied', `Only root may use ${file}.`, { next: 'Ask root.', cause });
    const isGone = code === 'ENOENT' || code === 'ECONNREFUSED';
    throw new CeoError(
      'unreachable',
      isGone
        ? `No ceod listens at ${file}.`
        : `ceod does not answer at ${file}: ${messageOf(cause)}.`,
      { next: 'Is it running? systemctl status ceod', cause },
    );
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
