/** Databases of a test's own in the sandbox's PostgreSQL, and a book service. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { folder, run, variable } from './realm.js';

export interface OwnDatabase {
  /** For library.cf; as the sandbox's ceo, who owns the database. */
  readonly connectString: string;
  /** SQL as ceo; @returns rows as psql(1) prints them unaligned, or its error */
  sql(statements: string): Promise<string>;
}

/** A new, empty database. */
export async function ownDatabase(): Promise<OwnDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const made = await run(['createdb', '--owner=ceo', '--template=template0', name]);
  if (made.status !== 0) throw new Error(made.stderr);
  const cf = await readFile(path.join(folder, 'etc', 'library.cf'), 'utf8');
  const url = /library_connect_string = "(.*)"/.exec(cf)?.[1] ?? '';
  const connectString = url.replace('@/library?', `@/${name}?`);
  return {
    connectString,
    async sql(statements) {
      const args = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align'];
      const { status, stdout, stderr } = await run(
        ['psql', ...args, '--set=ON_ERROR_STOP=1', connectString],
        { input: statements },
      );
      return status === 0 ? stdout.trimEnd() : stderr;
    },
  };
}

/** A configuration folder of the sandbox's with another library.cf. @returns CEO_CONFIG_DIR */
export async function ownLibrary(lines: string): Promise<string> {
  const dir = path.join(folder, 'hosts', `library-${randomBytes(6).toString('hex')}`);
  await mkdir(dir);
  const etc = variable('CEO_CONFIG_DIR');
  await writeFile(path.join(dir, 'accounts.cf'), `include ${etc}/accounts.cf\n`);
  await writeFile(path.join(dir, 'ceod.cf'), `include ${etc}/ceod.cf\nconnect_timeout = 2\n`);
  if (lines !== '') await writeFile(path.join(dir, 'library.cf'), `${lines}\n`);
  return dir;
}

export interface BookService {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: string[];
  /** What it answers from now on: a body, or whatever the test does with the request. */
  answer: string | ((request: IncomingMessage, response: ServerResponse) => void);
  stop(): Promise<void>;
}

export async function startBookService(): Promise<BookService> {
  const server = createServer((request, response) => {
    service.asked.push(request.url ?? '');
    if (typeof service.answer === 'function') service.answer(request, response);
    else response.setHeader('content-type', 'application/json').end(service.answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service: BookService = {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    answer: '{}',
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}
