/**
 * Which users and groups the system knows: the Name Service Switch, nsswitch.conf(5), by
 * getpwnam_r(3) and its like. In this process, where getent(1) would take one of its own for
 * each question.
 */
import koffi from 'koffi';
import { libc } from './libc.js';
import { run } from './run.js';
import { Turns } from './turns.js';

const found = koffi.out(koffi.pointer('void *'));

const lookup = (name: string, key: 'str' | 'uint32_t') =>
  libc.func(name, 'int', [key, 'void *', 'void *', 'size_t', found]);

const functions = {
  user: lookup('getpwnam_r', 'str'),
  uid: lookup('getpwuid_r', 'uint32_t'),
  group: lookup('getgrnam_r', 'str'),
  gid: lookup('getgrgid_r', 'uint32_t'),
};

/** Room for a struct passwd or group; only whether there is one is looked at. */
const RECORD_LENGTH = 256;
const MAX_BUFFER_LENGTH = 1 << 20;
const TIMEOUT_MS = 10_000;
const ERANGE = 34;
/** EINTR, EIO, ENOMEM, ENFILE and EMFILE: it was not looked at all, getpwnam_r(3). */
const FAILURES: readonly number[] = [4, 5, 12, 23, 24];

/** One at a time: those that hang keep no more than one thread of Node's four. */
const turns = new Turns('the Name Service Switch', 1);

/**
 * Whether there is such a user, uid, group or gid. What a service of nsswitch.conf cannot tell
 * counts as not there, as for getent(1).
 * @throws Error without an answer within 10 s; at once, while one before has had none for as long
 */
export function isKnown(kind: 'user' | 'group', name: string): Promise<boolean>;
export function isKnown(kind: 'uid' | 'gid', id: number): Promise<boolean>;
export function isKnown(kind: keyof typeof functions, key: string | number): Promise<boolean> {
  return turns.run(TIMEOUT_MS, () => look(kind, key, 1024));
}

function look(kind: keyof typeof functions, key: string | number, length: number) {
  // Named here, and used below: the library writes to them while nothing else holds them.
  const buffers = { record: Buffer.alloc(RECORD_LENGTH), text: Buffer.alloc(length) };
  const result: unknown[] = [null];
  return new Promise<boolean>((resolve, reject) => {
    const done = (error: Error | null, status: number) => {
      if (error !== null) reject(error);
      else if (FAILURES.includes(status)) reject(new Error(`${kind} ${key}: errno ${status}`));
      else if (status !== ERANGE) resolve(result[0] !== null);
      else if (buffers.text.length >= MAX_BUFFER_LENGTH)
        reject(new Error(`${kind} ${key} is huge`));
      else resolve(look(kind, key, length * 4));
    };
    functions[kind].async(key, buffers.record, buffers.text, length, result, done);
  });
}

/** getent(1): one or more keys could not be found. */
const NOT_FOUND = 2;

/** What a record says: seldom asked, as it takes a process of its own. */
async function getent(database: 'passwd' | 'group', key: string): Promise<string | undefined> {
  const result = await run('getent', ['--', database, key], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
    timeoutMs: TIMEOUT_MS,
  });
  if (result.status === 0) return result.stdout.split('\n')[0];
  if (result.status === NOT_FOUND) return undefined;
  throw new Error(`getent ${database}: ${result.stderr.trim() || 'no answer'}`);
}

/** Whether there is a user or a group of that name. */
export async function nameIsInNss(name: string): Promise<'user' | 'group' | undefined> {
  if (await isKnown('user', name)) return 'user';
  return (await isKnown('group', name)) ? 'group' : undefined;
}

/** Whether there is a user or a group of that number. */
export async function idIsInNss(id: number): Promise<boolean> {
  return (await isKnown('uid', id)) || isKnown('gid', id);
}

/** A Unix user, as NSS knows it: undefined if it does not. */
export async function userInNss(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const fields = (await getent('passwd', name))?.split(':');
  if (fields === undefined) return undefined;
  const [uid, gid] = fields.slice(2, 4).map((field) => (/^\d+$/.test(field) ? Number(field) : NaN));
  if (uid === undefined || gid === undefined || Number.isNaN(uid + gid))
    throw new Error(`${name} has no uid and gid in NSS`);
  return { uid, gid };
}

/** The members that group(5) lists for a group. */
export async function groupMembersInNss(group: string): Promise<string[]> {
  const line = await getent('group', group);
  return (
    line
      ?.split(':')[3]
      ?.split(',')
      .filter((name) => name !== '') ?? []
  );
}
