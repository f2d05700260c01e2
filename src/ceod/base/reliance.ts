/**
 * What a daemon that runs as root relies on: everything that it reads, loads or
 * runs. Whoever can change any of it is root, so it is looked at beforehand.
 */
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  claimableByOthers,
  isRootsAlone,
  readableByOthers,
  writableByOthers,
  type Problem,
  type Reader,
} from '../../config/permissions.js';
import type { Route } from '../../config/routes.js';
import { addMembersCommand, configDir, loadMailman } from '../../config/settings.js';
import { trustFiles } from '../../directory/trust.js';
import { profileFiles } from '../../kerberos/profile.js';
import { SYSTEM_PATH } from '../../process/run.js';
import { allOps } from '../../protocol/ops.js';
import { CeoError } from '../../errors.js';
import { shellWord } from '../../shellWord.js';
import { userInNss } from '../../process/nss.js';
import { lookupKeytabOf, secretFilesOf, type DaemonConfig } from './config.js';
import { isExternal, programOf } from './opPrograms.js';
import { JOURNAL_SUFFIX, journalIn } from './journalPlace.js';

/** A daemon, or one op of its own as a program: that listens to nobody, and has no service key. */
export interface Relying extends Pick<DaemonConfig, 'accounts' | 'ceod' | 'files'> {
  readonly ownRoutes: readonly Pick<Route, 'id' | 'name' | 'user'>[];
  readonly isDaemon: boolean;
}

/** Something that root relies on, which only root may be able to change. */
interface Reliance {
  /** For people: what is at these places. */
  readonly what: string;
  /** Those that do not exist count for the folders above them. */
  readonly files: (relying: Relying) => readonly string[];
  /** They are folders that are made if they are not there. */
  readonly isMade?: true;
  /** Who else may change them: the user that alone runs or reads them. */
  readonly user?: (relying: Relying) => string | undefined;
}

/** One line for each. */
const RELIANCES: readonly Reliance[] = [
  { what: 'the configuration', files: ({ files }) => [...files, ...withContent(opsDir())] },
  { what: 'the code of ceod', files: () => [...ownCode(), ...nativeModules()] },
  { what: 'Node and its libraries', files: () => [process.execPath, ...mappedFiles()] },
  {
    what: 'programs that ceod runs',
    files: () => [...SYSTEM_FOLDERS, ...PROGRAMS.flatMap(program)],
  },
  { what: 'who is who on this host', files: () => SYSTEM_FILES },
  { what: 'hosts', files: () => [process.env['CEO_HOSTS'] || '/etc/hosts'] },
  { what: 'Kerberos', files: () => profileFiles() },
  { what: 'the replay cache', files: ({ isDaemon }) => (isDaemon ? replayCacheFolder() : []) },
  { what: 'certificates', files: () => trustFiles() },
  { what: 'a keytab', files: (relying) => keytabs(relying).map(({ file }) => file) },
  { what: 'the journal', files: ({ ceod }) => [ceod.stateDir], isMade: true },
  {
    what: 'the journal',
    files: ({ ceod }) => ['journal', 'journal.lock'].map((name) => path.join(ceod.stateDir, name)),
  },
  {
    what: 'sockets of the runners',
    files: ({ ceod, isDaemon }) => (isDaemon ? [ceod.runtimeDir] : []),
    isMade: true,
  },
  {
    what: 'homes',
    files: (relying) =>
      makesAccounts(relying) ? [relying.accounts.memberHome, relying.accounts.clubHome] : [],
    isMade: true,
  },
  {
    what: 'what is in new homes',
    files: (relying) =>
      makesAccounts(relying)
        ? [relying.accounts.memberHomeSkel, relying.accounts.clubHomeSkel].flatMap(skeleton)
        : [],
  },
  {
    what: 'quota_command',
    files: (relying) => (makesAccounts(relying) ? quotaFiles(relying) : []),
  },
  { what: 'hooks', files: (relying) => (makesAccounts(relying) ? hooks(relying) : []) },
  { what: 'shells', files: ({ accounts }) => [accounts.shellsFile] },
  {
    what: "a program of the site's",
    files: ({ ownRoutes, ceod }) =>
      ownRoutes
        .filter((route) => isExternal(route, ceod))
        .flatMap((route) => withInterpreter(programOf(route.name))),
  },
  ...allOps
    .filter(({ settings }) => settings !== '')
    .map(({ name, settings }) => ({
      what: settings,
      files: secretFiles(name),
      user: userOf(name),
    })),
  { what: 'mailman_command', files: mailmanCommand, user: userOf('mailman') },
];

/** What a root daemon refuses: what others can change, and secrets that others can read. */
export async function permissionProblems(relying: Relying): Promise<Problem[]> {
  const found = [
    ...(await Promise.all(RELIANCES.map((each) => changedByOthers(each, relying)))),
    ...(await Promise.all(
      secrets(relying).map(async ({ file, user }) =>
        readableByOthers(file, await readerNamed(user)),
      ),
    )),
    journalProblems(relying),
  ].flat();
  // What is on the way to several things is told once, of the first.
  const told = new Map(found.reverse().map((each) => [`${each.file}: ${each.mend}`, each]));
  return [...told.values()].reverse();
}

async function changedByOthers(
  { what, files, isMade, user }: Reliance,
  relying: Relying,
): Promise<Problem[]> {
  const places = files(relying);
  const problems = [
    ...writableByOthers(places, await readerNamed(user?.(relying) ?? 'root')),
    ...(isMade === true ? claimableByOthers(places) : []),
  ];
  return problems.map(({ problem, ...rest }) => ({ ...rest, problem: `${problem} (${what})` }));
}

/** As many as somebody mends at a time. */
const MAX_TOLD = 10;

/** Says what is wrong and how to mend it. */
export function refusal(problems: readonly Problem[]): CeoError {
  const told = problems.slice(0, MAX_TOLD);
  const list = told.map(({ file, problem }) => `${file} ${problem}`);
  const left = problems.length - told.length;
  if (left > 0) list.push(`and ${left} more, which are told when these are mended`);
  return new CeoError(
    'config',
    `ceod does not run as root with what others could have changed or read: ${list.join('; ')}.`,
    {
      next: `Look at what is in them. Mend it with: ${told.map(({ mend }) => mend).join(' && ')}`,
    },
  );
}

async function readerNamed(name: string): Promise<Reader | undefined> {
  const found = name === 'root' ? undefined : await userInNss(name);
  return found && { ...found, name };
}

const opsDir = () => path.join(configDir(), 'ops');

// --- The code that runs -----------------------------------------------------------

/** What kerberos and koffi load: the rest is in the bundles. */
const NATIVE: Readonly<Record<string, readonly string[]>> = {
  kerberos: ['package.json', 'lib', 'build/Release/kerberos.node'],
  [`@koromix/koffi-linux-${process.arch}`]: ['package.json', `linux_${process.arch}/koffi.node`],
};

function ownCode(): string[] {
  const folder = import.meta.dirname;
  // By which name it was started, or will be; and what Node reads to see what kind of code it is.
  const started = [process.argv[1] ?? '', ...program('ceod')];
  return [...started, ...withContent(folder), path.join(folder, '../package.json')];
}

function nativeModules(): string[] {
  const require = createRequire(import.meta.filename);
  return Object.entries(NATIVE).flatMap(([name, parts]) => {
    const places = (require.resolve.paths(name) ?? []).map((folder) => path.join(folder, name));
    const found = places.find((place) => kindOf(place) !== undefined);
    if (found === undefined) return [];
    return parts.flatMap((part) => withContent(path.join(found, part)));
  });
}

/** Code that this process has in its memory: Node's own libraries among it, proc_pid_maps(5). */
function mappedFiles(): string[] {
  const files = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .flatMap((line) => /^\S+ ..x. \S+ \S+ \S+ +(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(files)].filter((file) => !file.endsWith(' (deleted)'));
}

/** What libc reads in each of them to know users, groups and libraries. */
const SYSTEM_FILES = [
  ...['/etc/passwd', '/etc/group', '/etc/nsswitch.conf', '/etc/ld.so.preload', '/etc/ld.so.cache'],
  '/etc/ssl/openssl.cnf',
];

// --- Programs -------------------------------------------------------------------

const SYSTEM_FOLDERS = SYSTEM_PATH.split(':');

/** By their names; those that are not there are passed over. */
const PROGRAMS = [
  ...['setpriv', 'getent', 'flock', 'kadmin', 'setfacl', 'logger'],
  ...['sh', 'rm', 'find', 'xargs', 'stat', 'sort'],
];

/** Where SYSTEM_PATH has it, and what interprets it. */
function program(name: string): string[] {
  const places = name.includes('/')
    ? [path.resolve('/', name)]
    : SYSTEM_FOLDERS.map((folder) => path.join(folder, name));
  const found = places.find((place) => kindOf(place) !== undefined);
  return found === undefined ? [] : withInterpreter(found);
}

/** A script is run by the program that its first line names, execve(2). */
function withInterpreter(file: string): string[] {
  const [, interpreter, argument] = /^#! *(\S+)(?: +(\S+))?/.exec(beginningOf(file)) ?? [];
  if (interpreter === undefined) return [file];
  // env(1) looks for what it is told to run.
  const further = path.basename(interpreter) === 'env' && argument ? program(argument) : [];
  return [file, path.resolve('/', interpreter), ...further];
}

function beginningOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    const buffer = Buffer.alloc(256);
    try {
      return buffer.toString('latin1', 0, readSync(descriptor, buffer));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** The program, and scripts and files that it is told to use. */
function quotaFiles({ ceod: { quotaCommand = [] } }: Relying): string[] {
  const [first, ...rest] = quotaCommand;
  return first === undefined
    ? []
    : [first, ...rest.filter((word) => path.isAbsolute(word))].flatMap(program);
}

/** The shipped ones read a file beside them. */
function hooks({ accounts }: Relying): string[] {
  return [accounts.notifyHook, accounts.expireHook]
    .filter((file) => file !== undefined)
    .flatMap((file) => [...withInterpreter(file), path.join(path.dirname(file), 'mail.sh')]);
}

function mailmanCommand({ ownRoutes, ceod }: Relying): string[] {
  const route = ownRoutes.find(({ name }) => name === 'mailman');
  if (route === undefined || isExternal(route, ceod)) return [];
  const { settings } = loadMailman(configDir());
  const { mailmanBackend, membersList } = settings;
  const isRun = mailmanBackend === 'mailman2' && membersList !== 'none';
  return isRun ? withInterpreter(addMembersCommand(settings)) : [];
}

// --- Secrets, and what ceod keeps ---------------------------------------------------

/** The ops that ceod's own code executes: a program of the site's needs none of our keys. */
const builtIn = ({ ownRoutes, ceod }: Relying) =>
  ownRoutes.filter((route) => !isExternal(route, ceod));

const makesAccounts = (relying: Relying) => builtIn(relying).some(({ user }) => user === 'root');

function keytabs(relying: Relying): { file: string; user: string }[] {
  const { ceod, isDaemon } = relying;
  const users = [...new Set(builtIn(relying).map(({ user }) => user))];
  return [
    ...(isDaemon ? [{ file: ceod.serviceKeytab, user: ceod.sessionUser }] : []),
    ...users.map((user) => ({
      file: user === 'root' ? ceod.adminKeytab : lookupKeytabOf(ceod, user),
      user,
    })),
  ];
}

/** What nobody but root and one user may read. */
const secrets = (relying: Relying) => [
  ...keytabs(relying),
  ...relying.ownRoutes
    .filter((route) => !isOpen(route, relying))
    .flatMap((route) =>
      secretFilesOf(route, relying.ceod).map((file) => ({ file, user: route.user })),
    ),
];

/** With Mailman 2 mailman.cf holds no secret, and deployed ones are readable. */
const isOpen = (route: Pick<Route, 'name'>, { ceod }: Relying): boolean =>
  route.name === 'mailman' &&
  !isExternal(route, ceod) &&
  loadMailman(configDir()).settings.mailmanRestPassword === undefined;

function secretFiles(op: string): (relying: Relying) => string[] {
  return ({ ownRoutes, ceod }) =>
    ownRoutes.filter(({ name }) => name === op).flatMap((route) => secretFilesOf(route, ceod));
}

function userOf(op: string): (relying: Relying) => string | undefined {
  return ({ ownRoutes }) => ownRoutes.find(({ name }) => name === op)?.user;
}

/** Whoever can remove it can send a request again. By default it is a file of the user's own. */
function replayCacheFolder(): string[] {
  const [, file] = /^file2:(.+)$/.exec(process.env['KRB5RCACHENAME'] ?? '') ?? [];
  return file === undefined ? [] : [path.dirname(file)];
}

/**
 * Entries of the journal that somebody else planted: what they say would be done by root. Not
 * mended by giving them to root: they are put where nobody reads them.
 */
function journalProblems({ ceod }: Relying): Problem[] {
  return contentOf(journalIn(ceod.stateDir))
    .filter((file) => file.endsWith(JOURNAL_SUFFIX) && !isRootsAlone(file))
    .map((file) => ({
      file,
      problem:
        'was not written by root alone, who would undo what it says (an entry of the journal)',
      mend: `mv -- ${shellWord(file)} ${shellWord(`${file}.untrusted`)}`,
    }));
}

/** A skeleton and the files that are copied: those of root. */
function skeleton(folder: string): string[] {
  return [folder, ...contentOf(folder).filter((file) => isRootsFile(file))];
}

function isRootsFile(file: string): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.uid === 0;
}

/** A file; of a folder, what is in it as well, one level deep. */
const withContent = (place: string): string[] => [place, ...contentOf(place)];

function contentOf(folder: string): string[] {
  if (kindOf(folder) !== 'folder') return [];
  return readdirSync(folder).map((name) => path.join(folder, name));
}

function kindOf(place: string): 'folder' | 'other' | undefined {
  try {
    return statSync(place).isDirectory() ? 'folder' : 'other';
  } catch {
    return undefined;
  }
}
