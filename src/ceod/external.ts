/**
 * Ops that a program of the site's executes, the way the legacy daemon ran them:
 * op-NAME in CEO_LIB_DIR, the request on its standard input, the response on
 * its standard output, LANG, CEO_USER and CEO_CONFIG_DIR in its environment and
 * nothing else.
 */
import path from 'node:path';
import type { Route } from '../config/routes.js';
import { allOps } from '../protocol/ops.js';
import { runBytes } from '../process/run.js';
import { Turns } from '../process/turns.js';
import type { Service } from './dispatcher.js';
import type { Logger } from './log.js';

/** Where the programs are, and where deployed clients look for ceoc. */
const libDir = () => process.env['CEO_LIB_DIR'] || '/usr/lib/ceod';

export const programOf = (opName: string): string => path.join(libDir(), `op-${opName}`);

/** Whether a program executes it: the proto does not know it, or external_ops lists it. */
export function isExternal(
  { name }: Pick<Route, 'name'>,
  { externalOps }: { readonly externalOps: readonly string[] },
): boolean {
  return externalOps.includes(name) || !allOps.some((op) => op.name === name);
}

export interface ProgramOptions {
  /** Passed to it as CEO_CONFIG_DIR. */
  readonly configDir: string;
  readonly timeoutMs: number;
  readonly log: Logger;
  /** Whether it runs once at a time: some do not bear another one beside them. */
  readonly oneAtATime: boolean;
}

/** A program that fails, or says nothing, closes the connection. */
export function serveProgram(
  opName: string,
  program: string,
  { configDir, timeoutMs, log, oneAtATime }: ProgramOptions,
): Service {
  const turns = new Turns(program, oneAtATime ? 1 : Infinity);
  const serve: Service['serve'] = async (plaintext, caller) => {
    let giveBack;
    try {
      giveBack = await turns.take(timeoutMs);
    } catch (err) {
      log.warn({ op: opName, caller: caller.username, program, err }, 'no turn for the op program');
      return undefined;
    }
    return runProgram(plaintext, caller).finally(giveBack);
  };
  const runProgram: Service['serve'] = async (plaintext, { username }) => {
    const result = await runBytes(program, [], {
      env: { LANG: 'C', CEO_USER: username, CEO_CONFIG_DIR: configDir },
      timeoutMs,
      input: plaintext,
      forWhom: username,
    });
    const { status, stdout, stderr, timedOut } = result;
    const fields = { op: opName, caller: username, program, status, stderr: stderr.slice(0, 1000) };
    if (status !== 0 || stdout.length === 0) {
      log.warn({ ...fields, timedOut }, 'the op program failed or said nothing');
      return undefined;
    }
    log.info({ ...fields, bytes: stdout.length }, 'op');
    return stdout;
  };
  // What its responses are like is the site's affair.
  return { serve, refuse: () => undefined };
}
