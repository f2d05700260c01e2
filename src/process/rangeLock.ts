/** Locks on bytes of a file, which last until this process has ended: F_OFD_SETLK, fcntl(2). */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';
import { libc } from './libc.js';

const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const F_UNLCK = 2;
const SEEK_SET = 0;

const Lock = koffi.struct({
  type: 'int16_t',
  whence: 'int16_t',
  start: 'int64_t',
  length: 'int64_t',
  pid: 'int32_t',
});
const fcntl = libc.func('fcntl', 'int', ['int', 'int', koffi.pointer(Lock)]) as (
  fd: number,
  command: number,
  lock: { type: number; whence: number; start: number; length: number; pid: number },
) => number;

export class LockFile {
  private readonly fd: number;

  /** @throws Error if it cannot be opened */
  constructor(file: string) {
    this.fd = openSync(file, 'a', 0o600);
  }

  /** @returns false if another process has it; this process is not told of its own */
  lock(byte: number): boolean {
    return this.set(F_WRLCK, byte);
  }

  unlock(byte: number): void {
    this.set(F_UNLCK, byte);
  }

  /** With it go its locks. */
  close(): void {
    closeSync(this.fd);
  }

  private set(type: number, start: number): boolean {
    return fcntl(this.fd, F_OFD_SETLK, { type, whence: SEEK_SET, start, length: 1, pid: 0 }) === 0;
  }
}
