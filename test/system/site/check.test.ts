/** Promise: ceod --check finds what is wrong with a host, all of it and nothing else, and changes nothing. */
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { HOOK_USER } from '../../../sandbox/configuration.js';
import type { Server } from '../../../sandbox/server.js';
import { startSlapd, type Slapd } from '../../../sandbox/slapd.js';
import { ownHost, type HostName, type OwnHost } from '../../support/ownCeod.js';
import { startOwnKdc, type OwnKdcOptions } from '../../support/ownKdc.js';
import { startOwnMariadb, type OwnMariadb } from '../../support/ownMariadb.js';
import { folder, run, variable } from '../../support/realm.js';

interface Json {
  readonly host: string;
  readonly status: number;
  readonly fine: readonly string[];
  readonly findings: readonly {
    readonly kind: string;
    readonly id: string;
    readonly what: string;
    readonly mend?: string;
    readonly accepted?: object;
  }[];
}

/** How it is run. */
interface Way {
  readonly env?: Readonly<Record<string, string>>;
  /** In mounts of its own, for a shell: before it. */
  readonly before?: string;
}

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function check(host: OwnHost, { env, before }: Way = {}, ...options: string[]) {
  const command = ['ceod', '--check', ...options] as const;
  const ran = await run(
    before === undefined
      ? command
      : ['unshare', '--mount', 'sh', '-ec', `${before}\nexec ${command.join(' ')}`],
    { env: { ...host.env, ...env } },
  );
  expect(ran.stderr).toBe('');
  return ran;
}

async function findings(host: OwnHost, way?: Way) {
  const { status, stdout } = await check(host, way, '--json');
  const json = JSON.parse(stdout) as Json;
  expect(json.status).toBe(status);
  return json;
}

const ids = (json: Json) =>
  json.findings.filter(({ kind }) => kind !== 'unasked').map(({ id }) => id);

const HOSTS: readonly HostName[] = ['ginseng', 'caffeine', 'mail'];

/** A further host, with the files that a copy of its configuration does not have. */
async function hostOf(name: HostName): Promise<OwnHost> {
  const host = await ownHost('', { host: name });
  for (const file of { ginseng: [], caffeine: ['mysql.cf'], mail: ['mailman.cf'] }[name])
    await run(['cp', '-p', path.join(folder, 'hosts', name, file), host.dir]);
  return host;
}

const set = ({ dir }: OwnHost, ...lines: string[]) =>
  appendFile(path.join(dir, 'ceod.cf'), `${lines.join('\n')}\n`);
const setAccounts = ({ dir }: OwnHost, ...lines: string[]) =>
  appendFile(path.join(dir, 'accounts.cf'), `${lines.join('\n')}\n`);
const appendTo = (file: string) => (host: OwnHost, line: string) =>
  appendFile(path.join(host.dir, file), `${line}\n`);
const setMysql = appendTo('mysql.cf');
const setMailman = appendTo('mailman.cf');

async function ownHomes(host: OwnHost): Promise<string> {
  const homes = path.join(host.dir, 'homes');
  await mkdir(homes);
  await chmod(homes, 0o755);
  await setAccounts(host, `member_home = ${homes}`, `club_home = ${homes}`);
  return homes;
}

async function kdc(host: OwnHost, options: OwnKdcOptions): Promise<Way> {
  const { env, stop } = await startOwnKdc(path.join(host.dir, 'kdc'), options);
  ended.push(stop);
  return { env };
}

async function journal(host: OwnHost, name: string, text: string): Promise<void> {
  const place = path.join(host.dir, 'state', 'journal');
  await mkdir(place, { recursive: true });
  await writeFile(path.join(place, `${name}.journal`), text);
}

const record = (more: object) =>
  `${JSON.stringify({ pid: 1, startTime: '0' })}\n${JSON.stringify(more)}\n`;

const CLOSED = 'ldaps://127.0.0.1:1';
const ginsengKey = 'ceod/ginseng.csclub.test';

describe('a host on which all is fine', () => {
  test.each(HOSTS)('%s', async (name) => {
    const host = await hostOf(name);
    const { status, stdout } = await check(host);
    expect(stdout).toMatch(/^(fine: [\w.]+: .*\n)+$/);
    expect(status).toBe(0);
    const json = await findings(host);
    expect(json).toMatchObject({ host: `${name}.csclub.test`, status: 0, findings: [] });
    expect(json.fine).toEqual(
      expect.arrayContaining({ ginseng: ['kadmin'], caffeine: ['mysql'], mail: ['mailman'] }[name]),
    );
  });

  test.each([
    ['a file system', (homes: string) => `mount -t tmpfs -o mode=0755 tmpfs ${homes}`],
    ['another folder', (homes: string) => `mount --bind ${homes} ${homes}`],
  ])('homes where /etc/fstab has them mounted: %s', async (_what, mount) => {
    const host = await hostOf('ginseng');
    const homes = await ownHomes(host);
    const before = `${fstab(host, homes)}\n${mount(homes)}`;
    expect(ids(await findings(host, { before }))).toEqual([]);
  });

  test('a sign-up that has just begun is none that is left', async () => {
    const host = await hostOf('ginseng');
    await journal(host, 'alice', record({ plan: { startedAt: Date.now() } }));
    expect(ids(await findings(host))).toEqual([]);
  });

  test('the library of a host that has one', async () => {
    const host = await hostOf('ginseng');
    await run(['cp', '-p', path.join(folder, 'etc', 'library.cf'), host.dir]);
    const json = await findings(host);
    expect(json.fine).toContain('library');
    expect(json.findings).toEqual([]);
  });
});

function fstab({ dir }: OwnHost, place: string): string {
  const file = path.join(dir, 'fstab');
  return `echo 'server:/homes ${place} nfs rw 0 0' >${file}\nmount --bind ${file} /etc/fstab`;
}

/** As if the program were not there. */
const hiding = (program: string) => `mount --bind /dev/null "$(command -v ${program})"`;

/** What is wrong, the ids that are found, how to break it; on ginseng unless said. */
type Row = readonly [
  what: string,
  found: readonly string[],
  spoil: (host: OwnHost) => Promise<unknown>,
  name?: HostName,
];

/** Those that docs/check.md has: what stands for others is in capitals there. */
const documented = new Set(
  [
    ...readFileSync(path.join(import.meta.dirname, '../../../docs/check.md'), 'utf8').matchAll(
      /`([a-z][\w.]+)`/gi,
    ),
  ].map(([, id = '']) => id),
);
const GENERAL = [
  [/^(ops\.\w+)\.\w+$/, '$1.OP'],
  [/^(ldap\.schema(?:\.member)?)\.\w+$/, '$1.NAME'],
  [/^(journal\.\w+)\.\w+$/, '$1.USERNAME'],
] as const;
const isDocumented = (id: string) =>
  documented.has(id) ||
  GENERAL.some(
    ([pattern, general]) => pattern.test(id) && documented.has(id.replace(pattern, general)),
  );

/** Finds that, and nothing else; with the command that mends it. */
async function finds([, found, spoil, name = 'ginseng']: Row, isUnasked = false): Promise<Json> {
  const host = await hostOf(name);
  const way = (await spoil(host)) as Way | undefined;
  const json = await findings(host, way);
  expect(ids(json).sort()).toEqual([...found].sort());
  expect(ids(json).filter((id) => !isDocumented(id))).toEqual([]);
  for (const { kind, mend } of json.findings) if (kind !== 'unasked') expect(mend).toMatch(/\w/);
  expect(json.status).toBe(isUnasked ? 2 : 1);
  return json;
}

const rows = (table: readonly Row[]) => table.map((row) => [row[0], row] as const);

describe('a fault is found, and nothing else', () => {
  const table: readonly Row[] = [
    [
      'homes that are not there',
      ['homes.absent'],
      (host) => setAccounts(host, `member_home = ${host.dir}/none`, `club_home = ${host.dir}/none`),
    ],
    [
      'homes of somebody else',
      ['homes.owner'],
      async (host) => chown(await ownHomes(host), 65534, 0),
    ],
    [
      'homes that all can write',
      ['homes.mode'],
      async (host) => chmod(await ownHomes(host), 0o777),
    ],
    [
      'homes that root alone enters',
      ['homes.mode'],
      async (host) => chmod(await ownHomes(host), 0o700),
    ],
    [
      'homes that are not mounted',
      ['homes.unmounted'],
      async (host) => ({ before: fstab(host, await ownHomes(host)) }),
    ],
    [
      'a full state_dir',
      ['space.state_dir'],
      ({ dir }) =>
        Promise.resolve({
          before: `mount -t tmpfs -o size=1m,mode=0700 tmpfs ${dir}/state
head -c 1000000 /dev/zero >${dir}/state/full`,
        }),
    ],
    [
      'a state_dir without inodes',
      ['space.state_dir.inodes'],
      ({ dir }) =>
        Promise.resolve({
          before: `mount -t tmpfs -o nr_inodes=41,mode=0700 tmpfs ${dir}/state
for i in $(seq 39); do : >${dir}/state/$i; done`,
        }),
    ],
    [
      'full homes',
      ['space.homes'],
      async (host) => {
        const homes = await ownHomes(host);
        return {
          before: `mount -t tmpfs -o size=1m,mode=0755 tmpfs ${homes}
head -c 1000000 /dev/zero >${homes}/full`,
        };
      },
    ],
    [
      'a hook that is not there',
      ['programs.notify_hook'],
      (host) => setAccounts(host, 'notify_hook = /nonexistent/hook'),
    ],
    [
      'a hook that cannot be executed',
      ['programs.expire_hook'],
      async (host) => {
        await writeFile(path.join(host.dir, 'hook'), '#!/bin/sh\n');
        await setAccounts(host, `expire_hook = ${host.dir}/hook`);
      },
    ],
    [
      `a hook that ${HOOK_USER} does not get to`,
      ['programs.notify_hook'],
      async (host) => {
        await mkdir(path.join(host.dir, 'closed'), { mode: 0o700 });
        await writeFile(path.join(host.dir, 'closed', 'hook'), '#!/bin/sh\n', { mode: 0o755 });
        await setAccounts(host, `notify_hook = ${host.dir}/closed/hook`);
      },
    ],
    ['no hook_user', ['programs.hook_user'], (host) => set(host, 'hook_user = nosuchuser')],
    [
      'skeletons that are not there',
      ['programs.member_home_skel', 'programs.club_home_skel'],
      (host) =>
        setAccounts(host, 'member_home_skel = /nonexistent', 'club_home_skel = /nonexistent'),
    ],
    [
      'no program for quotas',
      ['programs.quota_command'],
      (host) => set(host, 'quota_command = no-such-program {prototype} {uid}'),
    ],
    ['no setfacl', ['programs.setfacl'], () => Promise.resolve({ before: hiding('setfacl') })],
    [
      'a host of an op that nobody knows',
      ['ops.host.mailman'],
      ({ dir }) => writeFile(path.join(dir, 'ops', 'mailman'), 'no.such.host mailman list 4\n'),
    ],
    [
      "a program of the site's that is not there",
      ['ops.program.print'],
      (host) => appendTo('ops/print')(host, 'ginseng.csclub.test print root 0x77'),
    ],
    [
      "a program of the site's that its user cannot execute",
      ['ops.program.print'],
      async (host) => {
        const lib = path.join(host.dir, 'lib');
        await mkdir(lib, { mode: 0o755 });
        await writeFile(path.join(lib, 'op-print'), '#!/bin/sh\n', { mode: 0o700 });
        await appendTo('ops/print')(host, 'ginseng.csclub.test print nobody 0x77');
        return { env: { CEO_LIB_DIR: lib } };
      },
    ],
    [
      'a service key with another number than the KDC gives it',
      ['keys.service.stale'],
      (host) => kdc(host, { changes: [`modprinc -kvno 7 ${ginsengKey}`] }),
    ],
    [
      'no right to make principals',
      ['kadmin.add'],
      (host) => kdc(host, { acl: 'ceod/admin@CSCLUB.TEST dmci *@CSCLUB.TEST\n' }),
    ],
    [
      'no rights but to look',
      ['kadmin.add', 'kadmin.modify', 'kadmin.changepw', 'kadmin.delete'],
      (host) => kdc(host, { acl: 'ceod/admin@CSCLUB.TEST i *@CSCLUB.TEST\n' }),
    ],
    ['no kadmind', ['kadmin.unreachable'], (host) => kdc(host, { kadmind: false })],
    [
      'no password policy',
      ['kadmin.policy'],
      (host) => kdc(host, { changes: ['delpol -force default'] }),
    ],
    [
      'a KDC whose clock is two minutes ahead',
      ['clock.kdc'],
      (host) =>
        kdc(host, {
          env: {
            LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
            FAKETIME: '+2m',
          },
        }),
    ],
    [
      'no entry above the accounts',
      ['ldap.base.users'],
      (host) => setAccounts(host, 'ldap_users_base = ou=Nobody,dc=csclub,dc=test'),
    ],
    [
      'no entry above the sudo rules',
      ['ldap.base.sudo'],
      (host) => setAccounts(host, 'ldap_sudo_base = ou=Nothing,dc=csclub,dc=test'),
    ],
    [
      'no entry above the counters',
      ['ldap.base.counters'],
      (host) => set(host, 'uid_counter_base = ou=Counters,dc=csclub,dc=test'),
    ],
    ['no office', ['staff.office_group'], (host) => set(host, 'office_group = nosuchgroup')],
    ['no syscom', ['staff.syscom_group'], (host) => set(host, 'syscom_group = nosuchgroup')],
    [
      'a syscom without members',
      ['staff.syscom_empty'],
      (host) => set(host, 'syscom_group = grponly'),
    ],
    [
      'a syscom of NSS without members',
      ['staff.syscom_empty'],
      (host) => set(host, 'auth_groups = nss', 'office_group = games', 'syscom_group = nogroup'),
    ],
    [
      'a database server that is not there',
      ['mysql.unreachable'],
      (host) => setMysql(host, 'mysql_socket = /nonexistent'),
      'caffeine',
    ],
    [
      'a password that the database server refuses',
      ['mysql.refused'],
      (host) => setMysql(host, 'mysql_admin_password = never-to-be-shown'),
      'caffeine',
    ],
    [
      'a Mailman that is not there',
      ['mailman.unreachable'],
      (host) => setMailman(host, 'mailman_url = http://127.0.0.1:1/3.1'),
      'mail',
    ],
    [
      'a password that Mailman refuses',
      ['mailman.password'],
      (host) => setMailman(host, 'mailman_rest_password = never-to-be-shown'),
      'mail',
    ],
    [
      'no list of the members',
      ['mailman.list'],
      (host) => setMailman(host, 'members_list = nosuchlist'),
      'mail',
    ],
    [
      'no add_members of Mailman 2',
      ['mailman.command'],
      (host) =>
        setMailman(host, 'mailman_backend = mailman2\nmailman_command = /nonexistent/add_members'),
      'mail',
    ],
    [
      'a library whose database does not let us in',
      ['library.connect'],
      async (host) => {
        const text = await readFile(path.join(folder, 'etc', 'library.cf'), 'utf8');
        await writeFile(
          path.join(host.dir, 'library.cf'),
          text.replace(/:[^:@]*@/, ':never-to-be-shown@'),
        );
      },
    ],
    [
      'a library whose tables are not those of ceo',
      ['library.rights'],
      async (host) => {
        const sql = (text: string) => run(['psql', '-qX', 'library'], { input: text });
        await sql('CREATE DATABASE foreign_library');
        ended.push(() => sql('DROP DATABASE foreign_library'));
        await run(['psql', '-qX', 'foreign_library'], { input: 'CREATE TABLE book (id integer)' });
        const text = await readFile(path.join(folder, 'etc', 'library.cf'), 'utf8');
        await writeFile(
          path.join(host.dir, 'library.cf'),
          text.replace('/library?', '/foreign_library?'),
        );
      },
    ],
    [
      'a replay cache of somebody else',
      ['replay.file'],
      async (host) => {
        const file = path.join(host.dir, 'replay');
        await writeFile(file, '');
        return { env: { KRB5RCACHENAME: `file2:${file}` } };
      },
    ],
    [
      'a replay cache that session processes do not get to',
      ['replay.folder'],
      async (host) => {
        const closed = path.join(host.dir, 'closed');
        await mkdir(closed, { mode: 0o700 });
        const file = path.join(closed, 'replay');
        await run(['cp', '-p', path.join(folder, 'rcache'), file]);
        return { env: { KRB5RCACHENAME: `file2:${file}` } };
      },
    ],
    ['no session_user', ['replay.user'], (host) => set(host, 'session_user = nosuchuser')],
    [
      'a sign-up that was left',
      ['journal.open.alice'],
      (host) => journal(host, 'alice', record({ plan: { startedAt: Date.now() - 7_200_000 } })),
    ],
    [
      'a sign-up that was left without its beginning',
      ['journal.open.alice'],
      async (host) => {
        await journal(host, 'alice', record({ intent: 'home' }));
        await utimes(path.join(host.dir, 'state', 'journal', 'alice.journal'), 1, 1);
      },
    ],
    [
      'an entry of the journal that nobody understands',
      ['journal.malformed.bob'],
      (host) => journal(host, 'bob', 'nonsense\n'),
    ],
  ];
  expect(table.length).toBeGreaterThan(25);

  test.each(rows(table))('%s', async (_what, row) => {
    expect(JSON.stringify(await finds(row))).not.toContain('never-to-be-shown');
  });
});

describe('a fault behind which others cannot be asked: neither fine nor found', () => {
  const table: readonly (readonly [Row, readonly string[]])[] = [
    [
      ['no kadmin', ['programs.kadmin'], () => Promise.resolve({ before: hiding('kadmin') })],
      ['kadmin'],
    ],
    [
      ['no klist to look into keytabs', [], () => Promise.resolve({ before: hiding('klist') })],
      ['keys', 'clock', 'kadmin'],
    ],
    [
      [
        'a service key that the KDC has replaced',
        ['keys.service.stale'],
        (host) => kdc(host, { changes: [`cpw -randkey ${ginsengKey}`] }),
      ],
      ['clock'],
    ],
    [
      [
        'a service that the KDC does not know',
        ['keys.service.unknown'],
        (host) => kdc(host, { changes: [`delprinc -force ${ginsengKey}`] }),
      ],
      ['clock'],
    ],
    [
      [
        'a service that is locked',
        ['keys.service.locked'],
        (host) => kdc(host, { changes: [`modprinc -allow_tix ${ginsengKey}`] }),
      ],
      ['clock'],
    ],
    [
      [
        'no service keytab',
        ['keys.service.absent'],
        (host) => set(host, 'service_keytab = /nonexistent'),
      ],
      ['clock'],
    ],
    [
      [
        'no admin key',
        ['keys.admin.absent'],
        (host) => set(host, `admin_keytab = ${folder}/keytabs/ceod.keytab`),
      ],
      ['kadmin', 'ldap', 'ldap.schema', 'ldap.writes', 'staff'],
    ],
    [
      [
        'admin keys that the KDC has replaced',
        ['keys.admin.stale'],
        (host) => kdc(host, { changes: ['cpw -randkey ceod/admin'] }),
      ],
      ['kadmin', 'ldap', 'ldap.schema', 'ldap.writes', 'staff'],
    ],
    [
      [
        'a principal for look-ups that the KDC does not know',
        ['keys.lookup.unknown'],
        (host) => kdc(host, { changes: ['delprinc -force mysql/caffeine.csclub.test'] }),
        'caffeine',
      ],
      ['ldap', 'ldap.schema', 'staff'],
    ],
    [
      [
        'no key for look-ups',
        ['keys.lookup.absent'],
        (host) => set(host, 'lookup_keytab = /nonexistent'),
        'caffeine',
      ],
      ['ldap', 'ldap.schema', 'staff'],
    ],
    [
      [
        'a second server of the directory that is not there',
        ['ldap.unreachable'],
        (host) => setAccounts(host, `ldap_server_url = ${variable('LDAP_URI')} ${CLOSED}`),
      ],
      ['ldap.schema'],
    ],
    [
      [
        'a configuration that cannot be read',
        ['config'],
        (host) => setAccounts(host, 'member_min_id = many'),
      ],
      ['ops', 'homes', 'space', 'keys', 'journal'],
    ],
  ];

  test.each(table.map(([row, unasked]) => [row[0], row, unasked] as const))(
    '%s',
    async (_what, row, unasked) => {
      const json = await finds(row, true);
      const told = json.findings.filter(({ kind }) => kind === 'unasked').map(({ id }) => id);
      expect(told).toEqual(expect.arrayContaining([...unasked]));
      expect(json.fine.filter((name) => unasked.includes(name))).toEqual([]);
    },
  );

  test('whoever is not root is told what only root can look at', async () => {
    const { env } = await hostOf('ginseng');
    const { status, stdout } = await run(
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'ceod', '--check'],
      { env: { ...env } },
    );
    expect(status).toBe(2);
    expect(stdout).toMatch(/^fine: homes: /m);
    expect(stdout).toContain('not asked: keys: only root can look at it.\n');
  });
});

describe('a server of the directory', () => {
  let slapd: Slapd;
  let server: Server;
  let conf: string;
  let text: string;
  beforeAll(async () => {
    slapd = await startSlapd({
      folder,
      address: new URL(variable('LDAP_URI')).hostname,
      env: process.env as Record<string, string>,
      today: new Date(),
      name: 'checked-slapd',
    });
    [server] = slapd.servers;
    conf = path.join(folder, 'checked-slapd', 'slapd.conf');
    text = await readFile(conf, 'utf8');
  });
  afterAll(() => server.stop());

  /** Starts it anew, with something changed. */
  async function change(host: OwnHost, edit: (text: string) => string): Promise<Way> {
    await server.stop();
    await writeFile(conf, edit(text));
    server = await slapd.restart();
    const { LDAP_URI, LDAPTLS_CACERT } = slapd.clientEnv;
    await setAccounts(host, `ldap_server_url = ${LDAP_URI}`);
    return { env: { LDAPTLS_CACERT } };
  }

  async function changeSchema(
    host: OwnHost,
    name: 'csclub' | 'rfc2307bis',
    edit: (text: string) => string,
    more: (text: string) => string = (each) => each,
  ): Promise<Way> {
    const theirs = new RegExp(`\\S+${name}\\.schema`).exec(text)?.[0] ?? '';
    const own = path.join(host.dir, `${name}.schema`);
    await writeFile(own, edit(await readFile(theirs, 'utf8')));
    return change(host, (each) => more(each.replace(theirs, own)));
  }

  const without = (pattern: RegExp) => (each: string) => {
    expect(each).toMatch(pattern);
    return each.replace(pattern, '');
  };

  const table: readonly Row[] = [
    [
      'that gives small pages alone',
      ['ldap.paging'],
      (host) => change(host, (each) => each.replace('size.pr=unlimited', 'size.pr=100')),
    ],
    [
      'that takes no changes',
      ['ldap.writes.primary'],
      (host) => change(host, (each) => each.replace('maxsize 1073741824', 'readonly on')),
    ],
    [
      'that does not let ceod change anything',
      ['ldap.writes.users', 'ldap.writes.groups', 'ldap.writes.sudo'],
      (host) =>
        change(host, (each) => each.replace(/^ +by dn\.exact="cn=ceod\/admin.*" write\n/gm, '')),
    ],
    [
      'without the class club',
      ['ldap.schema.club'],
      (host) => changeSchema(host, 'csclub', without(/objectclass \( \S+\.2\.2 [^]*?uid \) \)\n/)),
    ],
    [
      'whose class member has no position',
      ['ldap.schema.member.position'],
      (host) => changeSchema(host, 'csclub', without(/position \$\n/)),
    ],
    [
      'without the attribute nonMemberTerm',
      ['ldap.schema.nonMemberTerm', 'ldap.schema.member.nonMemberTerm'],
      (host) =>
        changeSchema(
          host,
          'csclub',
          (each) =>
            without(/ \$ nonMemberTerm/)(
              without(/attributetype \( \S+\.1\.5 [^]*?\{5\} \)\n/)(each),
            ),
          without(/,nonMemberTerm(?= eq)|,nonMemberTerm(?=,program)/g),
        ),
    ],
    [
      'whose posixGroup is structural',
      ['ldap.schema.posixGroup.structural'],
      (host) =>
        changeSchema(host, 'rfc2307bis', (each) =>
          each.replace(/(NAME 'posixGroup'[^]*?)AUXILIARY/, '$1STRUCTURAL'),
        ),
    ],
  ];

  test.each(rows(table))('%s', async (_what, row) => {
    await finds(row);
  });

  test('that says nothing: within its time it is known who', async () => {
    const row: Row = [
      '',
      ['ldap.unreachable'],
      async (host) => {
        await set(host, 'step_timeout = 3');
        const way = await change(host, (each) => each);
        process.kill(server.pid, 'SIGSTOP');
        ended.push(() => Promise.resolve(process.kill(server.pid, 'SIGCONT')));
        return way;
      },
    ];
    const json = await finds(row, true);
    expect(json.findings.find(({ id }) => id === 'ldap.unreachable')?.mend).toContain('ldapsearch');
    for (const name of ['ldap.schema', 'ldap.writes', 'staff'])
      expect(json.fine).not.toContain(name);
  });

  test('whose class member has no telephoneNumber: a remark, which does not count', async () => {
    const host = await hostOf('ginseng');
    const way = await changeSchema(host, 'csclub', without(/ \$\n\t\ttelephoneNumber/));
    const json = await findings(host, way);
    expect(json.findings).toMatchObject([
      { kind: 'remark', id: 'ldap.schema.member.telephoneNumber' },
    ]);
    expect(json.status).toBe(0);
  });
});

describe('a database server', () => {
  let own: OwnMariadb;
  let password: string;
  beforeAll(async () => {
    own = await startOwnMariadb();
    password = own.access.password;
    await run(['mariadb', '--no-defaults', `--socket=${own.access.socket}`, '--user=root'], {
      input: `CREATE USER few@localhost IDENTIFIED BY '${password}';
GRANT CREATE USER, SELECT, CREATE ON *.* TO few@localhost WITH GRANT OPTION;
CREATE USER writer@localhost IDENTIFIED BY '${password}';`,
    });
  });
  afterAll(() => own.server.stop());

  const use = async (host: OwnHost, username: string) => {
    await setMysql(host, `mysql_socket = ${own.access.socket}`);
    await setMysql(host, `mysql_admin_username = ${username}`);
    await setMysql(host, `mysql_admin_password = ${password}`);
  };

  test('that gives ceod few rights', async () => {
    const json = await finds(['', ['mysql.rights'], (host) => use(host, 'few'), 'caffeine']);
    expect(json.findings[0]?.what).toMatch(/lacks, to grant: INSERT, UPDATE, /);
    expect(JSON.stringify(json)).not.toContain(password);
  });

  test("in which others can write ceod's marks", async () => {
    await own.query(own.access.username, password, 'GRANT ALL ON `ceo_`.* TO writer@localhost');
    await finds(['', ['mysql.marks'], (host) => use(host, own.access.username), 'caffeine']);
  });
});

test.each([
  ['with the policy', []],
  ['without it', ['delpol -force default']],
])('nothing is changed in Kerberos, %s', async (_what, changes) => {
  const host = await hostOf('ginseng');
  const way = await kdc(host, { changes });
  await findings(host, way);
  const log = await readFile(path.join(host.dir, 'kdc', 'kadmind.log'), 'utf8');
  const said = [...log.matchAll(/Request: (kadm5_\w+), ceod-check-\S+, (.*?), client=/g)];
  expect(said.map(([, request]) => request)).toEqual([
    ...['kadm5_get_principal', 'kadm5_mod_strings', 'kadm5_randkey_principal'],
    ...['kadm5_create_principal', 'kadm5_delete_principal'],
  ]);
  expect(said.filter(([, , outcome]) => outcome === 'success')).toEqual([]);
});

describe('--accept', () => {
  const file = async (text: string) => {
    const place = path.join(await mkdtemp(path.join(folder, 'accept-')), 'accepted');
    ended.push(() => rm(path.dirname(place), { recursive: true }));
    await writeFile(place, text);
    return place;
  };
  const withFault = async () => {
    const host = await hostOf('ginseng');
    await set(host, 'office_group = nosuchgroup');
    return host;
  };

  test('a finding until a day: it is shown, and does not count', async () => {
    const accepted = await file('# Known.\nstaff.office_group 9999-12-31 there is no office\n');
    const host = await withFault();
    const { status, stdout } = await check(host, {}, '--accept', accepted);
    expect(stdout).toMatch(
      /^accepted until 9999-12-31 \(there is no office\): staff\.office_group: .* Mend it with: /m,
    );
    expect(status).toBe(0);
    const json = JSON.parse((await check(host, {}, '--json', '--accept', accepted)).stdout) as Json;
    expect(json.findings[0]?.accepted).toEqual({
      until: '9999-12-31',
      reason: 'there is no office',
    });
  });

  test.each([
    ['whose day is over', 'staff.office_group 2020-01-31 there is no office\n'],
    ['of another id', 'staff.syscom_group 9999-12-31 there is no syscom\n'],
  ])('a finding %s counts', async (_what, text) => {
    const { status, stdout } = await check(await withFault(), {}, '--accept', await file(text));
    expect(stdout).toMatch(/^fault: staff\.office_group: /m);
    expect(status).toBe(1);
  });

  test.each([['--json'], ['--accept', '/dev/null']])(
    '%s is nothing for a daemon that is to start',
    async (...options) => {
      const { env } = await hostOf('ginseng');
      const { status, stderr } = await run(['ceod', ...options], { env: { ...env } });
      expect(status).toBe(2);
      expect(stderr).toContain('--json and --accept go with --check.');
    },
  );

  test.each(['staff.office_group', 'a 2026-02-30 no such day', 'a tomorrow not a day'])(
    'refuses a line that is none: %s',
    async (line) => {
      const { env } = await hostOf('ginseng');
      const accepted = await file(`${line}\n`);
      const { status, stdout, stderr } = await run(['ceod', '--check', '--accept', accepted], {
        env: { ...env },
      });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(`${accepted}:1: expected ID YYYY-MM-DD REASON.`);
    },
  );
});
