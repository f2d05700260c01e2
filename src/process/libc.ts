/** The C library, for what Node does not offer. */
import koffi from 'koffi';

export const libc = koffi.load('libc.so.6');

const exit = libc.func('_exit', 'void', ['int']) as (status: number) => void;

/**
 * Ends this process. By itself, process.exit() waits for Node's threads, and one of them may hang in
 * a file system or a look-up that does not answer.
 */
export function exitNow(status: number): never {
  // What else is to be done at the end is done first.
  process.on('exit', (code) => exit(Number(process.exitCode ?? code)));
  process.exit(status);
}
