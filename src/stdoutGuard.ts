/** Standard output that cannot be written to, for the programs whose result goes there. */
import { exitStatus } from './errors.js';

/** 128 + SIGPIPE: how a program ends whose reader has gone. */
const PIPE_CLOSED = 141;

/** What was done is done, whether or not it can be told: never status 1, which says otherwise. */
export function guardOutput(program: string): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(PIPE_CLOSED);
    process.stderr.write(
      `${program}: standard output cannot be written (${error.code ?? error.message}).\n` +
        `      What was asked for may have been done: check before you try again.\n`,
    );
    process.exit(exitStatus.outcome_unknown);
  });
}
