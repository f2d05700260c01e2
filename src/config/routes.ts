/** The routing files ops/*: which host serves which op. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CeoError } from '../errors.js';
import { configError } from './cf.js';
import { canonicalHost, type Host } from './hosts.js';

/** One line `HOST NAME USER ID`. */
export interface Route {
  readonly host: Host;
  readonly name: string;
  /** The Unix user that executes it. */
  readonly user: string;
  readonly id: number;
}

/** An op that the proto declares. */
export interface KnownOp {
  readonly name: string;
  readonly id: number;
}

interface Line extends Omit<Route, 'host'> {
  readonly hostname: string;
  readonly file: string;
  readonly line: number;
}

const IGNORED = /^\.|~$|\.dpkg-/;

/**
 * Reads every routing file.
 * @throws CeoError config: a line that cannot be read, that disagrees with the
 *   proto, or that routes an op a second time
 */
export async function loadRoutes(dir: string, known: readonly KnownOp[]): Promise<Route[]> {
  const lines = readLines(path.join(dir, 'ops'));
  lines.forEach((line) => checkAgainstProto(line, known));
  refuseTwice(lines);
  return Promise.all(
    lines.map(async ({ hostname, name, user, id, file, line }) => {
      try {
        return { host: await canonicalHost(hostname), name, user, id };
      } catch (error) {
        if (error instanceof CeoError) throw configError(file, line, error.message, error.next);
        throw error;
      }
    }),
  );
}

function readLines(folder: string): Line[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => !IGNORED.test(name));
  } catch (cause) {
    throw new CeoError('config', `The folder ${folder} cannot be read.`, {
      next: 'It says which host serves which op: a file with lines "HOST NAME USER ID".',
      cause,
    });
  }
  return files.sort().flatMap((name) => {
    const file = path.join(folder, name);
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((text, index) => {
        const bare = text.replace(/#.*/, '').trim();
        return bare === '' ? [] : [parseLine(bare, file, index + 1)];
      });
  });
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
  return { hostname, name, user, id: parseId(idText, file, line), file, line };
}

/** A number in C notation: 0x10, 020, 16. */
function parseId(text: string, file: string, line: number): number {
  const id = /^0x[0-9a-f]{1,8}$/i.test(text)
    ? parseInt(text, 16)
    : /^0[0-7]*$/.test(text)
      ? parseInt(text, 8)
      : /^[1-9]\d{0,9}$/.test(text)
        ? parseInt(text, 10)
        : NaN;
  if (id >= 1 && id <= 0xffffffff) return id;
  throw configError(file, line, `${text}: expected an op id in C notation, such as 0x01`);
}

function checkAgainstProto({ name, id, file, line }: Line, known: readonly KnownOp[]): void {
  const op = known.find((each) => each.name === name || each.id === id);
  if (op === undefined || (op.name === name && op.id === id)) return;
  throw configError(
    file,
    line,
    `${name} with id ${hex(id)} disagrees with the protocol, where ${op.name} has id ${hex(op.id)}`,
  );
}

function refuseTwice(lines: readonly Line[]): void {
  for (const [index, line] of lines.entries()) {
    const first = lines
      .slice(0, index)
      .find(({ name, id }) => name === line.name || id === line.id);
    if (first === undefined) continue;
    throw configError(
      line.file,
      line.line,
      `${line.name} is routed a second time; the first is at ${first.file}:${first.line}`,
    );
  }
}

const hex = (id: number) => `0x${id.toString(16).padStart(2, '0')}`;
