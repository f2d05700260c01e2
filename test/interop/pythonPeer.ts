/** Starts the Python peer (peer/README.md) and talks to it. */
import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkout } from '../../sandbox/checkout.js';

// Debian's; python3-gssapi and python3-protobuf belong to it.
const PYTHON = '/usr/bin/python3';
const PROTOC = '/usr/bin/protoc';

/**
 * What protoc makes of proto/ceo for Python, in a temporary folder.
 * @returns the folder; the caller removes it
 */
export async function pythonModules(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ceo-interop-'));
  await mkdir(path.join(folder, 'proto', 'ceo'), { recursive: true });
  for (const name of ['op.proto', 'ceo.proto']) {
    const text = await readFile(path.join(checkout, 'proto', 'ceo', name), 'utf8');
    // Debian 12's protoc is older than this option, which says nothing about the wire.
    const older = text
      .replaceAll(' [debug_redact = true]', '')
      .replace(/debug_redact = true,\s*/g, '');
    await writeFile(path.join(folder, 'proto', 'ceo', name), older);
  }
  await promisify(execFile)(PROTOC, [
    ...['-I/usr/include', `-I${folder}/proto`, `--python_out=${folder}`],
    ...['ceo/op.proto', 'ceo/ceo.proto'],
  ]);
  return folder;
}

export const removeModules = (folder: string): Promise<void> => rm(folder, { recursive: true });

/** A Python program that speaks JSON lines and ends with its standard input. */
class Peer {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;
  private readonly exit: Promise<void>;

  constructor(modules: string, args: readonly [string, ...string[]], env: Record<string, string>) {
    const [program, ...rest] = args;
    const file = fileURLToPath(new URL(`peer/${program}`, import.meta.url));
    const child = spawn(PYTHON, [file, ...rest], {
      env: { ...process.env, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => undefined);
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.exit = new Promise((resolve) => child.once('close', () => resolve()));
  }

  protected say(line: unknown): void {
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  protected async heard(): Promise<unknown> {
    const result = await this.lines.next();
    if (result.done === true) throw new Error('the Python peer ended');
    return JSON.parse(result.value);
  }

  /** Ends it; resolves when it is gone. */
  async end(): Promise<void> {
    this.child.stdin.end();
    await this.exit;
  }
}

export interface Messages {
  readonly messages?: readonly { readonly status: number; readonly message: string }[];
}
/** Fields in the order in which they go on the wire. */
export type Fields = readonly (readonly [name: string, value: string | number])[];

export class PythonClient extends Peer {
  constructor(
    modules: string,
    private readonly target: string,
    env: Record<string, string> = {},
  ) {
    super(modules, ['client.py'], env);
  }

  /** Calls a method of client.py. @throws Error if that raises */
  private async do(method: string, args: Record<string, unknown> = {}): Promise<unknown> {
    this.say({ do: method, ...args });
    const answer = (await this.heard()) as { result?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }

  async connect(): Promise<this> {
    const [address, port] = this.target.split(':');
    await this.do('connect', { address, port: Number(port) });
    return this;
  }

  /** @returns false if the server closes. @param options size: of the pieces that the frame is sent in */
  async authenticate(options: { size?: number; flags?: readonly string[] } = {}): Promise<boolean> {
    const service = 'ceod@ginseng.csclub.test';
    return (await this.do('authenticate', { service, ...options })) as boolean;
  }

  /** A request and its response; null if the server closes. */
  async call(op: number, fields: Fields, size?: number): Promise<Messages | null> {
    return (await this.do('call', { op, fields, size })) as Messages | null;
  }

  /** The response that comes next; null if the server closes. */
  async response(op: number): Promise<Messages | null> {
    return (await this.do('response', { op })) as Messages | null;
  }

  /** The first frame of a new context, in hex. */
  async auth(
    options: { service?: string; flags?: readonly string[]; mechanism?: 'krb5' | 'spnego' } = {},
  ): Promise<string> {
    return (await this.do('auth', { service: 'ceod@ginseng.csclub.test', ...options })) as string;
  }

  /** The body of a request before it is encrypted, in hex. */
  async encode(op: number, fields: Fields): Promise<string> {
    return (await this.do('encode', { op, fields })) as string;
  }

  /** The frame of a request, in hex. */
  async op(op: number, body: string, options: { confidential?: boolean } = {}): Promise<string> {
    return (await this.do('op', { op, body, ...options })) as string;
  }

  async send(hex: string, size?: number): Promise<void> {
    await this.do('send', { data: hex, size });
  }

  async endOfRequests(): Promise<void> {
    await this.do('end_of_requests');
  }

  /** The next frame; null if the server closes. */
  async receive(): Promise<{ type: number; body: string } | null> {
    return (await this.do('receive')) as { type: number; body: string } | null;
  }
}

/** What server.py tells. */
export type ServerEvent = Readonly<
  Partial<{
    listening: number;
    connection: number;
    client: string;
    flags: string[];
    op: number;
    request: Record<string, unknown>;
    hex: string;
    end: string;
  }>
>;

export class PythonServer extends Peer {
  private constructor(
    modules: string,
    mode: string,
    public port = 0,
  ) {
    super(modules, ['server.py', mode], {});
  }

  static async start(modules: string, mode: string): Promise<PythonServer> {
    const server = new PythonServer(modules, mode);
    server.port = ((await server.heard()) as ServerEvent).listening ?? 0;
    return server;
  }

  /** Everything up to the end of the next connection. */
  async connection(): Promise<ServerEvent[]> {
    const events: ServerEvent[] = [];
    for (;;) {
      const event = (await this.heard()) as ServerEvent;
      events.push(event);
      if (event.end !== undefined) return events;
    }
  }
}
