/**
 * Sign-ups under faults, from a seed: processes killed, servers frozen and restarted, clients gone in
 * the middle. Afterwards nothing is half-made, no reply has lied, and no uid was given twice.
 * Arguments: SEED [SECONDS]. Inside a sandbox.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSlapd } from '../sandbox/slapd.js';
import type { Server } from '../sandbox/server.js';
import { startCeodOn, startOwnCeod, type OwnCeod } from '../test/support/ownCeod.js';
import { processesWhere } from '../test/support/processes.js';
import { ccache, folder, homeOf, run, variable } from '../test/support/realm.js';

const [seedText = '', secondsText = '180'] = process.argv.slice(2);
const seed = Number(seedText);
const seconds = Number(secondsText);
if (seedText === '' || !Number.isInteger(seed) || !(seconds > 0)) {
  console.error('Usage: npm run faults -- SEED [SECONDS]');
  process.exit(2);
}

/** mulberry32: the same faults in the same order for the same seed. */
let state = seed >>> 0;
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
const between = (least: number, most: number) => least + random() * (most - least);
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

// --- The site ---------------------------------------------------------------------------

const slapd = await startSlapd({
  folder,
  address: new URL(variable('LDAP_URI')).hostname,
  env: process.env as Record<string, string>,
  today: new Date(),
  name: 'faults',
});
let directory: Server = slapd.servers[0];
const { LDAP_URI, LDAPTLS_CACERT } = slapd.clientEnv;
let ceod: OwnCeod = await startOwnCeod('step_timeout = 5\ndrain_timeout = 5\nop_timeout = 30', {
  accounts: `ldap_server_url = "${LDAP_URI}"\nmember_min_id = 24001\nmember_max_id = 28999`,
  env: { LDAPTLS_CACERT },
});

/** Processes with this in their environment, and that in their command line. */
const processesWith = (inEnvironment: string, inCommand: string) =>
  processesWhere(
    ({ command, environment }) =>
      environment.includes(inEnvironment) && command.includes(inCommand),
  );

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

async function frozen(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGSTOP');
  await sleep(between(300, 2_500));
  for (const pid of pids) signal(pid, 'SIGCONT');
}

const own = (program: string) => processesWith(`CEO_CONFIG_DIR=${ceod.dir}`, program);
const restart = async () => {
  ceod = await startCeodOn(ceod, { LDAPTLS_CACERT });
};

const faults: Readonly<Record<string, () => Promise<void>>> = {
  async 'a runner is killed'() {
    for (const pid of await own('/runner.js')) signal(pid, 'SIGKILL');
  },
  async 'a session process is killed'() {
    const [pid] = await own('/session.js');
    if (pid !== undefined) signal(pid, 'SIGKILL');
  },
  async 'the daemon is killed and started at once'() {
    signal(ceod.server.pid, 'SIGKILL');
    await sleep(100);
    await restart();
  },
  async 'the daemon is stopped and started'() {
    await ceod.stop();
    await restart();
  },
  'the directory freezes': () => frozen([directory.pid]),
  async 'the directory restarts'() {
    await directory.stop();
    await sleep(between(0, 1_500));
    directory = await slapd.restart();
  },
  'kadmind freezes': async () => frozen(await processesWith(folder, 'kadmind')),
  'the KDC freezes': async () => frozen(await processesWith(folder, 'krb5kdc')),
  'nothing happens': () => sleep(between(500, 3_000)),
};

// --- Sign-ups ---------------------------------------------------------------------------

interface SignUp {
  readonly username: string;
  /** Of ceoc; undefined: it was killed. */
  readonly status: number | undefined;
}

function signUp(username: string, killedAfterMs: number | undefined): Promise<SignUp> {
  return new Promise((resolve) => {
    const child = spawn('ceoc', ['adduser', '--json'], {
      env: { ...process.env, ...ceod.env, KRB5CCNAME: ccache('ctdalek') },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const timer =
      killedAfterMs === undefined
        ? undefined
        : setTimeout(() => child.kill('SIGKILL'), killedAfterMs);
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({ username, status: status ?? undefined });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(
      JSON.stringify({ type: 'MEMBER', username, password: 'long-enough', realname: username }),
    );
  });
}

const done: SignUp[] = [];
const endsAt = Date.now() + seconds * 1000;
let count = 0;

async function lane(): Promise<void> {
  while (Date.now() < endsAt) {
    count += 1;
    const killedAfterMs = random() < 0.15 ? between(20, 800) : undefined;
    done.push(await signUp(`flt${seed}x${count}`, killedAfterMs));
  }
}

const happened = new Map<string, number>();
async function misfortune(): Promise<void> {
  while (Date.now() < endsAt) {
    const name = oneOf(Object.keys(faults));
    happened.set(name, (happened.get(name) ?? 0) + 1);
    await faults[name]?.();
    await sleep(between(100, 2_000));
  }
}

await Promise.all([lane(), lane(), lane(), misfortune()]);

// --- What came of it ----------------------------------------------------------------------

const journal = path.join(ceod.dir, 'state', 'journal');
const left = async () => (existsSync(journal) ? await readdir(journal) : []);
const patience = Date.now() + 120_000;
while ((await left()).length > 0 && Date.now() < patience) await sleep(500);

const wrong: string[] = (await left()).map((file) => `${file} is left in the journal`);

/** What there is under each name: a value of the attribute by the first value of the naming one. */
async function entries(base: string, naming: string): Promise<Map<string, string>> {
  const { status, stdout, stderr } = await run(
    [
      ...([
        'ldapsearch',
        '-LLL',
        '-Q',
        '-Y',
        'GSSAPI',
        '-E',
        'pr=200/noprompt',
        '-H',
        LDAP_URI,
      ] as const),
      ...['-b', `${base},${variable('LDAP_BASE')}`, `(${naming}=flt${seed}x*)`],
      ...[naming, 'uidNumber'],
    ],
    { env: { KRB5CCNAME: ccache('sysadmin1'), LDAPTLS_CACERT } },
  );
  if (status !== 0) throw new Error(`ldapsearch: ${stderr}`);
  const valueOf = (entry: string, attribute: string) =>
    new RegExp(`^${attribute}: (.*)$`, 'm').exec(entry)?.[1] ?? '';
  return new Map(
    stdout
      .split('\n\n')
      .map((entry) => [valueOf(entry, naming), valueOf(entry, 'uidNumber')] as const),
  );
}

/** Those that there are, and whether each gives tickets. */
async function principals(usernames: readonly string[]): Promise<Map<string, boolean>> {
  const { stdout } = await run(
    ['kadmin', '-k', '-t', path.join(folder, 'keytabs', 'admin.keytab'), '-p', 'ceod/admin'],
    { input: usernames.map((username) => `getprinc ${username}\n`).join('') },
  );
  const found = stdout.split('Principal: ').slice(1);
  return new Map(
    found.map((text) => [text.split('@')[0] ?? '', !text.includes('DISALLOW_ALL_TIX')]),
  );
}

const people = await entries('ou=People', 'uid');
const groups = await entries('ou=Group', 'cn');
const tickets = await principals(done.map(({ username }) => username));

async function traces(username: string): Promise<{ parts: string[]; uid: number | undefined }> {
  const uid = people.get(username);
  const home = await stat(homeOf(username)).catch(() => undefined);
  const principal = tickets.get(username);
  return {
    parts: [
      ...(uid === undefined ? [] : ['account']),
      ...(groups.has(username) ? ['group'] : []),
      ...(principal === undefined ? [] : [principal ? 'principal' : 'a disabled principal']),
      ...(home === undefined ? [] : [home.uid === Number(uid) ? 'home' : 'a home of another']),
    ],
    uid: uid === undefined ? undefined : Number(uid),
  };
}

const WHOLE = ['account', 'group', 'principal', 'home'];
const UNKNOWN: readonly (number | undefined)[] = [6, undefined];
const holderOf = new Map<number, string>();
let whole = 0;
for (const { username, status } of done) {
  const { parts, uid } = await traces(username);
  const isWhole = parts.join() === WHOLE.join();
  if (isWhole) whole += 1;
  if (!isWhole && parts.length > 0)
    wrong.push(`${username} (${status ?? 'killed'}): ${parts.join(', ')}`);
  if (status === 0 && !isWhole) wrong.push(`${username} was told as made, and is not there`);
  if (status !== 0 && isWhole && !UNKNOWN.includes(status))
    wrong.push(`${username} was told as refused (${status ?? ''}), and is there`);
  if (uid === undefined) continue;
  const other = holderOf.get(uid);
  if (other !== undefined) wrong.push(`${username} and ${other} have the uid ${uid}`);
  holderOf.set(uid, username);
}
await ceod.stop();
await directory.stop();

const told = (status: number | undefined) => done.filter((each) => each.status === status).length;
console.log(`seed ${seed}, ${seconds} s: ${done.length} sign-ups, ${whole} accounts`);
const statuses = [...new Set(done.map(({ status }) => status))];
console.log(
  `  ended with: ${statuses.map((each) => `${each ?? 'killed'} × ${told(each)}`).join(', ')}`,
);
for (const [name, times] of happened) console.log(`  ${name}: ${times} ×`);
for (const each of wrong) console.log(`WRONG: ${each}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
