/** What was left out of a command line: asked for on a terminal, an error without one. */
import { CeoError } from '../../errors.js';
import type { Terminal } from '../terminal.js';

/** What was given, or what somebody at the terminal answers. */
export async function given(
  terminal: Terminal,
  value: string | undefined,
  question: string,
  flag: string,
  suggestion?: string,
): Promise<string> {
  if (value !== undefined) return value;
  if (!terminal.interactive) {
    throw new CeoError('usage', `${question} is missing, and there is no terminal to ask.`, {
      next: `Give ${flag}.`,
    });
  }
  const answer = await terminal.ask(
    `${question}:`,
    (text) => text.trim() !== '' || 'It is needed.',
    suggestion,
  );
  return answer.trim();
}

/** @param asking whether somebody is being asked anyway: only then is it asked for */
export async function givenOrNone(
  terminal: Terminal,
  asking: boolean,
  value: string | undefined,
  question: string,
  suggestion?: string,
): Promise<string | undefined> {
  if (value !== undefined || !asking) return value;
  const none = suggestion === undefined ? 'Enter for none' : 'Backspace, Enter for none';
  const answer = (await terminal.ask(`${question} (${none}):`, undefined, suggestion)).trim();
  return answer === '' ? undefined : answer;
}

/** Never from the command line, where everybody on the machine could read it. */
export async function readPassword(terminal: Terminal, fromStdin: boolean): Promise<string> {
  // A terminal would show what is typed, and look as if nothing happened.
  if (fromStdin && !terminal.interactive) return passwordOf(await terminal.readLine());
  if (!terminal.interactive) {
    throw new CeoError('usage', 'The password is missing, and there is no terminal to ask.', {
      next: 'Give it on standard input, and say so with --password-stdin (addmember: --stdin).',
    });
  }
  const password = await terminal.askSecret('Password:', (text) => text !== '' || 'It is needed.');
  if (fromStdin) return password;
  await terminal.askSecret('Password again:', (text) => text === password || 'They differ.');
  return password;
}

/**
 * A password as a file has it, without what another system wrote around it: to drop that would
 * make another password of it than the one that whoever wrote the file means.
 * @throws CeoError usage; it never quotes the password
 */
export function passwordOf(line: Buffer): string {
  const refused = (problem: string, next: string) =>
    new CeoError('usage', `Standard input ${problem}.`, { next });
  let password;
  try {
    password = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    throw refused('is no UTF-8', 'Convert it first, for example with iconv(1).');
  }
  if (password === '') throw refused('is empty', 'Give it in the first line.');
  if (password.startsWith('\ufeff')) {
    throw refused(
      'begins with a byte-order mark',
      'Its first line is the password: save the file as UTF-8 without a mark.',
    );
  }
  if (password.endsWith('\r')) {
    throw refused(
      'ends with a carriage return, as files of Windows do',
      "Take it away first, for example with: tr -d '\\r'",
    );
  }
  if (/\p{Cc}/u.test(password)) {
    throw refused('contains a control character', 'Give the password alone, in one line.');
  }
  return password;
}
