/** A private realm on loopback: real servers, demo people, one folder, nothing left behind. */
import { chmod, chown, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCeod } from './ceod.js';
import { programs } from './checkout.js';
import { guardKeytabs, SESSION_USER, writeConfiguration } from './configuration.js';
import { makeHomes } from './homes.js';
import { kinit, startKdc } from './kdc.js';
import { mailmanAccess, startMailman } from './mailman.js';
import { startMailSink } from './mailsink.js';
import { mariadbAccess, startMariadb } from './mariadb.js';
import { drawNetwork, freePort } from './network.js';
import { postgresqlAccess, startPostgresql } from './postgresql.js';
import { installPrograms, nodeOf, programsOf } from './programs.js';
import { startReaper } from './reaper.js';
import { systemPath } from './run.js';
import type { Server } from './server.js';
import { startSlapd } from './slapd.js';
import { hosts, passwords } from './site.js';
import { unixUser } from './users.js';

export interface SandboxOptions {
  /** Whether ceods are started; they need a build. Default true. */
  ceods?: boolean;
  /** Whether log/slapd.log tells of every search. Default false. */
  searches?: boolean;
}

export interface Sandbox {
  /** The private folder, CEO_SANDBOX. */
  readonly folder: string;
  /** The whole environment for a program inside: this process's with the sandbox's on top. */
  readonly env: Readonly<Record<string, string>>;
  /** The servers, in the order in which they were started. */
  readonly servers: readonly Server[];
  /** Kerberos passwords by username. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Stops every server, ends what still runs inside, removes the folder. */
  readonly stop: () => Promise<void>;
}

/** A part of the sandbox that runs. */
interface Started {
  servers: readonly Server[];
  clientEnv: Readonly<Record<string, string>>;
}

/** Everything in the folder is reached through it by other uids, and listed by root alone. */
const FOLDERS = ['bin', 'ccaches', 'etc', 'hosts', 'kdc', 'keytabs', 'log', 'users'];

async function writePrograms(folder: string): Promise<void> {
  const bin = join(folder, 'bin');
  for (const [name, file] of programs()) {
    // Several programs may be one file, which then goes by its name.
    const own = /^op-(.+)/.exec(name)?.[1] ?? '';
    await writeFile(
      join(bin, name),
      `#!/bin/sh\nexec '${nodeOf(folder)}' '${join(programsOf(folder), file)}' ${own} "$@"\n`,
    );
    await chmod(join(bin, name), 0o755);
  }
}

async function makeReplayCache(file: string): Promise<void> {
  await writeFile(file, '');
  // Acceptors run as root and with the group of the session user: root opens any file.
  await chown(file, 0, (await unixUser(SESSION_USER)).gid);
  await chmod(file, 0o660);
}

/** Waits for all of them, then fails with the first that failed: none goes on behind its back. */
async function together(...tasks: Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(tasks);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/**
 * Starts the sandbox. Needs root (homes belong to their people) and the Debian
 * packages that scripts/setup installs. When anything fails, nothing is left.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  if (process.getuid?.() !== 0)
    throw new Error('the sandbox needs root: home directories belong to their people');
  // Some servers run as other users and read what is made here.
  const umask = process.umask(0o022);
  const folder = await mkdtemp(join(tmpdir(), 'ceo-sandbox-'));
  const reaper = startReaper(folder);
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers.splice(0).reverse()) await server.stop();
    await reaper.finish();
  };

  try {
    await chmod(folder, 0o711);
    await Promise.all(FOLDERS.map((name) => mkdir(join(folder, name), { recursive: true })));
    const network = drawNetwork();
    const address = network.address(1);
    const env = { PATH: systemPath, LANG: 'C.UTF-8', CEO_SANDBOX: folder };
    const [ceodPort] = await Promise.all([
      freePort(...(hosts.map((host) => network.address(host.address)) as [string, ...string[]])),
      makeHomes(folder),
      installPrograms(folder).then(() => writePrograms(folder)),
      makeReplayCache(join(folder, 'rcache')),
    ]);

    const hostsFile = { CEO_HOSTS: join(folder, 'etc', 'hosts') };
    const client: Record<string, string> = { ...hostsFile };
    const started = (part: Started): void => {
      servers.push(...part.servers);
      Object.assign(client, part.clientEnv);
    };
    const ccache = (name: string): string => `FILE:${join(folder, 'ccaches', name)}`;
    const mariadb = mariadbAccess(folder);
    const postgresql = postgresqlAccess(folder);
    // Whoever draws ports at the same time does so on an address of its own.
    const mailman = await mailmanAccess(network.address(2));

    const startRealm = async (): Promise<void> => {
      const kdc = await startKdc({ folder, address, ldapHost: address, env });
      started(kdc);
      const [slapd] = await Promise.all([
        startSlapd({
          folder,
          address,
          env: { ...env, ...kdc.clientEnv },
          today: new Date(),
          ...(options.searches === true && { loglevel: 'filter' }),
        }),
        ...Object.keys(passwords).map((name) => kinit(name, ccache(name), kdc.clientEnv)),
        guardKeytabs(folder),
      ]);
      started(slapd);
      await writeConfiguration({
        folder,
        ldapUri: slapd.clientEnv.LDAP_URI,
        address: network.address,
        ceodPort,
        mariadb,
        mailman,
        postgresql,
      });
      if (!(options.ceods ?? true)) return;
      const ceodEnv = { ...env, ...kdc.clientEnv, ...slapd.clientEnv, ...hostsFile };
      await together(
        ...hosts.map(async (host) => {
          const own = network.address(host.address);
          started(await startCeod(host, { folder, address: own, port: ceodPort, env: ceodEnv }));
        }),
      );
    };
    await together(
      startRealm(),
      startMariadb({ folder, access: mariadb, env }).then(started),
      startPostgresql({ folder, access: postgresql, env }).then(started),
      startMailman({ folder, access: mailman, env }).then(started),
      startMailSink({ folder, address: network.address(3), env }).then(started),
    );

    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      folder,
      env: {
        ...Object.fromEntries(inherited),
        ...client,
        CEO_SANDBOX: folder,
        CEO_CONFIG_DIR: join(folder, 'etc'),
        KRB5CCNAME: ccache('ctdalek'),
        PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? systemPath}`,
      },
      servers,
      passwords,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    process.umask(umask);
  }
}
