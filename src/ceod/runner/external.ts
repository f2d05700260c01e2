/**
 * Ops that a program of the site's executes, the way the legacy daemon ran them:
 * op-NAME in CEO_LIB_DIR, the request on its standard input, the response on
 * its standard output, LANG, CEO_USER and CEO_CONFIG_DIR in its environment and
 * nothing else.
 */
import { runBytes } from '../../process/run.js';
import { Turns } from '../../process/turns.js';
import type { Service } from './dispatcher.js';
import type { Logger } from '../base/log.js';

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
    return runCommandLine(plaintext, caller).finally(giveBack);
  };
  const runCommandLine: Service['serve'] = async (plaintext, { username }) => {
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
