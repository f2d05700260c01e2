/** A KDC and a kadmind of a test's own: the sandbox's realm as it is now, with something changed. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, isListening } from '../../sandbox/network.js';
import { run } from '../../sandbox/run.js';
import { startServer } from '../../sandbox/server.js';
import { REALM } from '../../sandbox/site.js';
import { folder, variable } from './realm.js';

export interface OwnKdcOptions {
  /** Queries of kadmin.local. */
  readonly changes?: readonly string[];
  /** kadm5.acl; the sandbox's unless given. */
  readonly acl?: string;
  /** Of the KDC alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** There is none unless said. */
  readonly kadmind?: false;
}

export interface OwnKdc {
  /** For whoever is to ask it. */
  readonly env: { readonly KRB5_CONFIG: string };
  readonly stop: () => Promise<void>;
}

/** @param home a folder for it */
export async function startOwnKdc(home: string, options: OwnKdcOptions): Promise<OwnKdc> {
  const address = new URL(variable('LDAP_URI')).hostname;
  const theirs = path.join(folder, 'kdc');
  const ports = [await freePort(address), await freePort(address), await freePort(address)];
  const [kdcPort, kadminPort, kpasswdPort] = ports;
  await mkdir(home);
  const dump = path.join(home, 'dump');
  const env = { ...process.env } as Record<string, string>;
  await run('kdb5_util', ['-r', REALM, 'dump', dump], {
    env: { ...env, KRB5_KDC_PROFILE: path.join(theirs, 'kdc.conf') },
  });
  await copyFile(path.join(theirs, 'stash'), path.join(home, 'stash'));
  const acl = options.acl ?? (await readFile(path.join(theirs, 'kadm5.acl'), 'utf8'));
  await writeFile(path.join(home, 'kadm5.acl'), acl);
  const kdcConf = path.join(home, 'kdc.conf');
  const own = (await readFile(path.join(theirs, 'kdc.conf'), 'utf8'))
    .replaceAll(theirs, home)
    .replace(/(kdc_(?:tcp_)?listen = .*:)\d+/g, `$1${kdcPort}`)
    .replace(/(kadmind_listen = .*:)\d+/, `$1${kadminPort}`)
    .replace(/(kpasswd_listen = .*:)\d+/, `$1${kpasswdPort}`);
  await writeFile(kdcConf, own);
  const krb5Conf = path.join(home, 'krb5.conf');
  const client = (await readFile(variable('KRB5_CONFIG'), 'utf8'))
    .replace(/(\bkdc = .*:)\d+/, `$1${kdcPort}`)
    .replace(/(admin_server = .*:)\d+/, `$1${kadminPort}`)
    .replaceAll(path.join(folder, 'log'), home);
  await writeFile(krb5Conf, client);
  const ours = { ...env, KRB5_KDC_PROFILE: kdcConf, KRB5_CONFIG: krb5Conf };
  await run('kdb5_util', ['-r', REALM, 'load', dump], { env: ours });
  const input = `${(options.changes ?? []).join('\n')}\n`;
  await run('kadmin.local', ['-r', REALM], { env: ours, input });
  const start = (name: string, port: number | undefined, more: Readonly<Record<string, string>>) =>
    startServer({
      name,
      command: [`/usr/sbin/${name}`, name === 'kadmind' ? '-nofork' : '-n', '-r', REALM],
      env: { ...ours, ...more },
      log: path.join(home, `${name}.log`),
      ready: () => isListening(address, port ?? 0),
    });
  const servers = [await start('krb5kdc', kdcPort, options.env ?? {})];
  if (options.kadmind !== false) servers.push(await start('kadmind', kadminPort, {}));
  return {
    env: { KRB5_CONFIG: krb5Conf },
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
