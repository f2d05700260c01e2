/** The tool as a server, to which a client comes that it starts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { GssError } from '../src/gssapi/error.js';
import { AcceptorCredential } from '../src/gssapi/context.js';
import type { Op } from '../src/protocol/ops.js';
import { encodeFrame, FrameError, MSG_AUTH, type Frame } from '../src/wire/frame.js';
import { opened } from '../src/wire/opened.js';
import { readFrames, type Frames } from '../src/wire/stream.js';
import { Broken, demand } from './case.js';
import { accept, REQUIRED_FLAGS, type Context } from './gssapi.js';
import { patiently } from './socket.js';
import { undoing } from './undoing.js';

/** The client that is tried, and where it is waited for. */
export interface ClientOptions {
  /** For a shell: the op's name is its last argument. */
  readonly command: string;
  /** Whether `--json` behind the op has it read and write JSON, and judge the statuses. */
  readonly json: boolean;
  /** Of the principal `ceod/HOST`, whose key is in the default keytab. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** The command's environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** What is done with a connection of the client. */
export type Serve = (guest: Guest) => Promise<void>;

/** What came of one run of the command. */
export interface Outcome {
  /** The command failed: by its exit status, or by a signal. */
  readonly failed: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Frames of requests, on all its connections together. */
  readonly requests: number;
}

/** The client is gone: there is nothing more to do with it. */
class Gone extends Error {
  override readonly name = 'Gone';
}

/** The command does not come to this server: it may have been told to go to another. */
export class Absent extends Broken {
  override readonly name = 'Absent';
}

/** One connection. */
export class Guest {
  private readonly frames: Frames;
  private established: Context | undefined;
  /** How many frames it has sent, and how many of them were requests. */
  sent = 0;
  requests = 0;

  constructor(
    private readonly credential: AcceptorCredential,
    readonly socket: net.Socket,
  ) {
    socket.on('error', () => undefined);
    this.frames = readFrames(socket);
  }

  get context(): Context {
    if (this.established === undefined) throw new Error('not authenticated');
    return this.established;
  }

  /** The next frame. @throws Gone, Broken */
  async frame(): Promise<Frame> {
    const result = await this.frames.next().catch((error: unknown) => {
      if (error instanceof FrameError)
        throw new Broken(`it sends what is no frame: ${error.message}`);
      return { done: true } as const;
    });
    if (result.done === true) throw new Gone();
    this.sent += 1;
    if (result.value.type !== MSG_AUTH) this.requests += 1;
    return result.value;
  }

  /** Its token, and what the mechanism answers to it. @throws Gone, Broken */
  async greeting(): Promise<{ token: Buffer; answer: Buffer }> {
    const { type, body } = await this.frame();
    demand(type === MSG_AUTH, `it begins with a frame of the type ${type}`);
    try {
      const { token, context } = accept(this.credential.handle, body);
      demand(context !== undefined, 'its context is not complete after one frame');
      const missing = context.without(REQUIRED_FLAGS);
      demand(missing.length === 0, `its context is without ${missing.join(' and ')}`);
      this.established = context;
      return { token: body, answer: token ?? Buffer.alloc(0) };
    } catch (error) {
      if (error instanceof GssError) throw new Broken(`its token is refused: ${error.detail}`);
      throw error;
    }
  }

  /** Authenticates it, and reads its request. @param send how the token is sent */
  async request(
    send: (frame: Buffer) => unknown = (frame) => this.socket.write(frame),
  ): Promise<Frame> {
    const { answer } = await this.greeting();
    await send(encodeFrame(MSG_AUTH, answer));
    const request = await this.frame();
    try {
      demand(this.context.unwrap(request.body).confidential, 'its request is not encrypted');
    } catch (error) {
      if (error instanceof GssError) throw new Broken(`its request is refused: ${error.detail}`);
      throw error;
    }
    return request;
  }

  /** Whatever else it sends, to its end. */
  async rest(): Promise<void> {
    for (;;) await this.frame();
  }
}

export class Host {
  private readonly credential: AcceptorCredential;
  /** What is done with the connections of this run, and what comes of it. */
  private served: { serve: Serve; guests: Guest[]; ends: Promise<unknown>[] } | undefined;
  /** Ports of the other side, of all connections of this run. */
  private readonly accepted = new Set<number | undefined>();

  private constructor(
    private readonly options: ClientOptions,
    private readonly server: net.Server,
  ) {
    this.credential = AcceptorCredential.acquire(`ceod@${options.host}`);
    server.on('connection', (socket: net.Socket) => this.welcome(socket));
  }

  /** @throws Error if it cannot listen, or has no key */
  static async open(options: ClientOptions): Promise<Host> {
    const server = net.createServer({ noDelay: true });
    const host = new Host(options, server);
    server.listen(options.port, options.address);
    await once(server, 'listening');
    return host;
  }

  close(): void {
    this.server.close();
    this.credential.dispose();
  }

  get json(): boolean {
    return this.options.json;
  }

  /**
   * Has the command send one request.
   * @param stdin the request, in JSON if that is what the command is told to read
   * @throws Broken also for what it does on the wire, and if it does not come
   */
  async run(op: Op, stdin: Buffer | string, serve: Serve, { json = false } = {}): Promise<Outcome> {
    const served = { serve, guests: [] as Guest[], ends: [] as Promise<unknown>[] };
    this.served = served;
    this.accepted.clear();
    const ended = await this.command([op.name, ...(json ? ['--json'] : [])], stdin);
    await this.allAccepted();
    this.served = undefined;
    const outcomes = await patiently(Promise.all(served.ends), 'it leaves its connection open');
    for (const error of outcomes) if (error !== undefined) throw error as Error;
    if (!served.guests.some(({ sent }) => sent > 0))
      throw new Absent(`it does not come for ${op.name}: ${ended.stderr.trim()}`);
    return {
      ...ended,
      requests: served.guests.reduce((sum, { requests }) => sum + requests, 0),
    };
  }

  private welcome(socket: net.Socket): void {
    this.accepted.add(socket.remotePort);
    if (this.served === undefined) {
      socket.destroy();
      return;
    }
    const { serve, guests, ends } = this.served;
    const guest = new Guest(this.credential, socket);
    guests.push(guest);
    ends.push(
      serve(guest)
        .then(() => guest.rest())
        .catch((error: unknown) => (error instanceof Gone ? undefined : error))
        .finally(() => socket.destroy()),
    );
  }

  /** Connections are accepted in their order: behind this one there is none of the command's. */
  private async allAccepted(): Promise<void> {
    const { address, port } = this.options;
    const last = net.connect({ host: address, port });
    await opened(last);
    while (!this.accepted.has(last.localPort)) await once(this.server, 'connection');
    last.destroy();
  }

  private async command(args: readonly string[], stdin: Buffer | string) {
    const child = spawn('/bin/sh', ['-c', `${this.options.command} "$@"`, 'sh', ...args], {
      env: this.options.env,
      // It is ended as a group: the shell may have started it as a child of its own.
      detached: true,
    });
    const stdout: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    // It may end without having read it.
    child.stdin.on('error', () => undefined).end(stdin);
    return undoing(
      () => end(child.pid),
      async () => {
        const exited = once(child, 'close') as Promise<[number | null]>;
        const [status] = await patiently(exited, 'it does not end');
        return { failed: status !== 0, stdout: Buffer.concat(stdout), stderr };
      },
    );
  }
}

function end(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
