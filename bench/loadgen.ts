/** The load generator: a C program, so that it is not what is measured, and its typed interface. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const SOURCE = fileURLToPath(new URL('loadgen/loadgen.c', import.meta.url));

export interface Load {
  /** `HOST:PORT`. */
  readonly target: string;
  /** Host-based, e.g. `ceod@ginseng.csclub.test`. */
  readonly service: string;
  /**
   * To ceod an op with a serialized request; to remctld a command and its arguments. The first
   * `######` in it is a number, counted up from request to request.
   */
  readonly request:
    { readonly op: number; readonly body: Uint8Array } | { readonly command: readonly string[] };
  /**
   * `sessions`: connect, authenticate, one op, close, again and again.
   * `ops`: one op after the other on connections that were opened before the clock starts.
   */
  readonly mode: 'sessions' | 'ops';
  /** How many connections at a time. */
  readonly concurrency: number;
  /** When it ends. */
  readonly until: { readonly seconds: number } | { readonly count: number };
  /**
   * `once`: header and body in one write, with TCP_NODELAY. `split`: in two
   * writes without it, as the deployed ceoc does. Default `once`.
   */
  readonly writes?: 'once' | 'split';
  /** Waits this long before each write: a slow client; in the mode `ops`, once it is open: an idle one. */
  readonly pauseMs?: number;
  /** How long the server may let a client wait. Default 30 s. */
  readonly timeoutMs?: number;
}

/** A server, and what it is asked. */
export type Target = Pick<Load, 'target' | 'service' | 'request'>;

export interface LoadResult {
  /** Sessions or ops that went well. */
  readonly count: number;
  readonly failures: number;
  /** What the first failure was; empty if there was none. */
  readonly failure: string;
  readonly seconds: number;
  /** Latencies in ms: of a session from connecting to the reply. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** What the generator itself takes for a session or an op. */
  readonly cpuSecondsPerRequest: number;
}

export type Generate = (load: Load) => Promise<LoadResult>;

/**
 * Compiles the generator into a folder.
 * @param env with KRB5CCNAME, whose ticket is used
 */
export async function loadGenerator(folder: string, env: NodeJS.ProcessEnv): Promise<Generate> {
  const program = path.join(folder, 'loadgen');
  const libraries = ['-lgssapi_krb5', '-lkrb5', '-lpthread'];
  await exec('cc', ['-std=gnu11', '-O2', '-Wall', '-Werror', '-o', program, SOURCE, ...libraries]);
  return async (load) => {
    const { stdout } = await exec(program, argumentsOf(load), { env });
    return JSON.parse(stdout) as LoadResult;
  };
}

function argumentsOf({ request, until, writes = 'once', ...rest }: Load): string[] {
  const pairs = {
    ...rest,
    ...until,
    writes,
    noDelay: writes === 'once' ? 1 : 0,
    ...('command' in request
      ? { protocol: 'remctl' }
      : { protocol: 'ceod', op: request.op, body: Buffer.from(request.body).toString('hex') }),
  };
  return [
    ...Object.entries(pairs).map(([key, value]) => `${key}=${value}`),
    ...('command' in request ? ['--', ...request.command] : []),
  ];
}
