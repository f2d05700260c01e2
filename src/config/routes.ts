/** The routing files ops/*: which host serves which op. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { CeoError } from '../errors.js';
import { readRegularText, whyUnread } from '../regularFile.js';
import { MSG_AUTH } from '../wire/frame.js';
import { configError } from './cf.js';
import { canonicalHost, type Host } from './hosts.js';
import { parseNumber } from './number.js';

/** One line `HOST NAME USER ID`, or `HOST NAME` for an op of the proto. */
export interface Route {
  readonly name: string;
  /** The Unix user that executes it, whatever run_as the proto declares. */
  readonly user: string;
  readonly id: number;
  /**
   * Looks HOST up. One that is not known is the trouble of its own ops alone.
   * @throws CeoError config, which names file and line
   */
  readonly host: () => Promise<Host>;
}

/** An op that the proto declares. */
export interface KnownOp {
  readonly name: string;
  readonly id: number;
  readonly runAs: string;
}

interface Line extends Omit<Route, 'host'> {
  readonly hostname: string;
  readonly file: string;
  readonly line: number;
}

/** Hidden files, and what editors and dpkg leave behind. */
const IGNORED = /^\.|~$|\.dpkg-/;

/**
 * Reads every routing file. A site's own ops, which the proto does not know,
 * are routed as well.
 * @throws CeoError config: a line that cannot be read, that disagrees with the
 *   proto, or that routes an op a second time
 */
export function loadRoutes(dir: string, known: readonly KnownOp[]): Route[] {
  const lines = routingFiles(path.join(dir, 'ops')).flatMap((file) => readLines(file, known));
  lines.forEach((line) => checkAgainstProto(line, known));
  refuseTwice(lines);
  const lookUp = memoized(canonicalHost);
  return lines.map(({ hostname, name, user, id, file, line }) => ({
    name,
    user,
    id,
    host: () =>
      lookUp(hostname).catch((error: unknown) => {
        if (error instanceof CeoError) throw configError(file, line, error.message, error.next);
        throw error;
      }),
  }));
}

function routingFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !IGNORED.test(name))
      .sort()
      .map((name) => path.join(folder, name))
      .filter((file) => !statSync(file).isDirectory());
  } catch (cause) {
    throw new CeoError('config', `The routing files in ${folder} cannot be read.`, {
      next: 'They say which host serves which op: lines "HOST NAME USER ID".',
      cause,
    });
  }
}

function readLines(file: string, known: readonly KnownOp[]): Line[] {
  let text: string;
  try {
    text = readRegularText(file);
  } catch (cause) {
    throw new CeoError('config', `${file} ${whyUnread(cause)}.`, {
      next: `Everyone who uses ceo reads it: chmod a+r ${file}`,
      cause,
    });
  }
  return text.split('\n').flatMap((physical, index) => {
    const bare = physical.replace(/#.*/s, '').trim();
    return bare === '' ? [] : [parseLine(withDefaults(bare, known), file, index + 1)];
  });
}

/** What a line leaves out is as the proto has it. */
function withDefaults(text: string, known: readonly KnownOp[]): string {
  const [, name, ...rest] = text.split(/\s+/);
  const op = rest.length === 0 ? known.find((each) => each.name === name) : undefined;
  return op === undefined ? text : `${text} ${op.runAs} ${inHex(op.id)}`;
}

function parseLine(text: string, file: string, line: number): Line {
  const [hostname, name, user, idText, ...rest] = text.split(/\s+/);
  if (
    hostname === undefined ||
    name === undefined ||
    user === undefined ||
    idText === undefined ||
    rest.length > 0
  ) {
    throw configError(file, line, `"${text}": expected HOST NAME USER ID`);
  }
  // The name becomes part of a program's: op-NAME.
  if (!/^\w[\w.-]*$/.test(name)) {
    throw configError(file, line, `NAME ${name}: expected letters, digits, "-", "_" and "."`);
  }
  return { hostname, name, user, id: parseId(idText, file, line), file, line };
}

function parseId(text: string, file: string, line: number): number {
  const id = parseNumber(text);
  if (id === undefined || id < 1 || id > 0xffffffff) {
    throw configError(file, line, `ID ${text}: expected an op id in C notation, such as 0x01`);
  }
  if (id === MSG_AUTH) {
    throw configError(file, line, `ID ${text}: expected another one; this means authentication`);
  }
  return id;
}

function checkAgainstProto({ name, id, file, line }: Line, known: readonly KnownOp[]): void {
  const op = known.find((each) => each.name === name || each.id === id);
  if (op === undefined || (op.name === name && op.id === id)) return;
  throw configError(
    file,
    line,
    `${name} with id ${inHex(id)}: expected ${op.name} with id ${inHex(op.id)}, as the protocol has it`,
  );
}

/** Which of two hosts would be asked is not for the order of files to decide. */
function refuseTwice(lines: readonly Line[]): void {
  for (const [index, line] of lines.entries()) {
    const first = lines
      .slice(0, index)
      .find(({ name, id }) => name === line.name || id === line.id);
    if (first === undefined) continue;
    throw configError(
      line.file,
      line.line,
      `${line.name} (${inHex(line.id)}): expected each op once; ` +
        `${first.file}:${first.line} routes ${first.name} (${inHex(first.id)})`,
      'Remove one of the two lines.',
    );
  }
}

function memoized<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key) => {
    const answer = answers.get(key) ?? ask(key);
    answers.set(key, answer);
    return answer;
  };
}

/** An op id as it is written: `0x01`. */
export const inHex = (id: number): string => `0x${id.toString(16).padStart(2, '0')}`;

/** A line with all four columns, as deployed programs need it. */
export const routeLine = (
  host: string,
  { name, id }: Pick<KnownOp, 'name' | 'id'>,
  user: string,
): string => `${host} ${name} ${user} ${inHex(id)}`;
