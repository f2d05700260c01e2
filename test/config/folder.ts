/** A private folder for the files of one test file. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from '@jest/globals';
import { CeoError } from '../../src/errors.js';

export interface Folder {
  readonly path: string;
  /** Writes a file, making its folder. @returns its path */
  write(name: string, text: string | Buffer): string;
}

/** Removed when the test file has run. */
export function privateFolder(): Folder {
  const root = mkdtempSync(path.join(os.tmpdir(), 'ceo-config-'));
  chmodSync(root, 0o755);
  afterAll(() => rmSync(root, { recursive: true }));
  return {
    path: root,
    write(name, text) {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  };
}

/** The error that a call ends with, which must be about the configuration. */
export async function configErrorOf(call: () => unknown): Promise<CeoError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof CeoError && error.code === 'config') return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
