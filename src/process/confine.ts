/** What a process gives up for good, so that whoever captures it, or looks at it, gets less. */
import koffi from 'koffi';
import { libc } from './libc.js';

const PR_SET_DUMPABLE = 4;
const RLIMIT_CORE = 4;
const RLIMIT_NPROC = 6;

const Limit = koffi.struct({ soft: 'uint64_t', hard: 'uint64_t' });
const prctl = libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']) as (
  ...args: [option: number, value: number, ...unused: [number, number, number]]
) => number;
const setrlimit = libc.func('setrlimit', 'int', ['int', koffi.pointer(Limit)]) as (
  resource: number,
  limit: { soft: number; hard: number },
) => number;

/**
 * Its memory is for root alone: no core dump, and nobody of the same uid reads /proc/PID/mem, its
 * environment or its descriptors. What it starts dumps no core either.
 * @throws Error if the kernel does not do it
 */
export function concealMemory(): void {
  limit(RLIMIT_CORE);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) !== 0) throw failed('prctl');
}

/**
 * No further process, and no further thread: libuv's and V8's have to be there.
 * @throws Error if the kernel does not do it
 */
export function forkNoMore(): void {
  limit(RLIMIT_NPROC);
}

function limit(resource: number): void {
  if (setrlimit(resource, { soft: 0, hard: 0 }) !== 0) throw failed('setrlimit');
}

const failed = (what: string) => new Error(`${what}: errno ${koffi.errno()}`);
