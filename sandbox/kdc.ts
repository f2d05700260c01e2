/** MIT Kerberos: the realm, its principals and keys, krb5kdc and kadmind. */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, isListening } from './network.js';
import { run } from './run.js';
import { startServer, type Server } from './server.js';
import { ADMIN_PRINCIPAL, hosts, passwords, REALM } from './site.js';

export interface KdcOptions {
  folder: string;
  /** Where KDC and kadmind listen. */
  address: string;
  /** Host name in slapd's principal: `ldap/NAME`. */
  ldapHost: string;
  /** What every server's environment begins with. */
  env: Readonly<Record<string, string>>;
}

export interface Kdc {
  /** In the order of starting. */
  servers: readonly Server[];
  /** What a Kerberos client needs in its environment. */
  clientEnv: { readonly KRB5_CONFIG: string; readonly KRB5RCACHENAME: string };
}

/** A realm whose servers do not run yet. */
export interface Realm {
  /** Puts these queries to kadmin.local, which ends with 0 whatever became of them. */
  query: (queries: readonly string[]) => Promise<string>;
  clientEnv: Kdc['clientEnv'];
  /** Of kadmin.local and the servers. */
  env: Readonly<Record<string, string>>;
  /** What kadmind reads when it starts. */
  acl: string;
  /** Starts krb5kdc and kadmind. */
  start: () => Promise<readonly Server[]>;
}

/** Makes a realm in kdc/ that has no principals but its own. */
export async function makeRealm(options: Omit<KdcOptions, 'ldapHost'>): Promise<Realm> {
  const { folder, address } = options;
  const kdcPort = await freePort(address);
  const kadminPort = await freePort(address);
  const kpasswdPort = await freePort(address);
  const within = (...path: string[]): string => join(folder, ...path);

  const krb5Conf = within('krb5.conf');
  const kdcConf = within('kdc', 'kdc.conf');
  await writeFile(
    krb5Conf,
    `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  ticket_lifetime = 24h
  forwardable = true
  default_ccache_name = FILE:${within('ccaches', 'uid-%{uid}')}
  default_keytab_name = FILE:${within('keytabs', 'ceod.keytab')}
  default_client_keytab_name = FILE:${within('keytabs', 'none')}
[realms]
  ${REALM} = {
    kdc = ${address}:${kdcPort}
    admin_server = ${address}:${kadminPort}
    kpasswd_server = ${address}:${kpasswdPort}
  }
[domain_realm]
  .csclub.test = ${REALM}
  csclub.test = ${REALM}
[logging]
  kdc = FILE:${within('log', 'krb5kdc.log')}
  admin_server = FILE:${within('log', 'kadmind.log')}
  default = FILE:${within('log', 'krb5.log')}
`,
  );
  await writeFile(
    kdcConf,
    `[realms]
  ${REALM} = {
    database_name = ${within('kdc', 'principal')}
    key_stash_file = ${within('kdc', 'stash')}
    acl_file = ${within('kdc', 'kadm5.acl')}
    kdc_listen = ${address}:${kdcPort}
    kdc_tcp_listen = ${address}:${kdcPort}
    kadmind_listen = ${address}:${kadminPort}
    kpasswd_listen = ${address}:${kpasswdPort}
    supported_enctypes = aes256-cts-hmac-sha1-96:normal
    master_key_type = aes256-cts-hmac-sha1-96
    default_principal_flags = +preauth
    max_life = 24h
  }
`,
  );
  const clientEnv = {
    KRB5_CONFIG: krb5Conf,
    KRB5RCACHENAME: `file2:${within('rcache')}`,
  };
  const env = { ...options.env, ...clientEnv, KRB5_KDC_PROFILE: kdcConf };
  await run('kdb5_util', ['-r', REALM, 'create', '-s'], { env, input: 'master-pw\nmaster-pw\n' });

  const start = async (): Promise<readonly Server[]> => {
    const listening = (
      name: string,
      port: number,
      command: [string, ...string[]],
    ): Promise<Server> =>
      startServer({
        name,
        command,
        env,
        log: within('log', `${name}.log`),
        ready: () => isListening(address, port),
      });
    const kdc = await listening('krb5kdc', kdcPort, ['/usr/sbin/krb5kdc', '-n', '-r', REALM]);
    const kadmind = await listening('kadmind', kadminPort, [
      '/usr/sbin/kadmind',
      '-nofork',
      '-r',
      REALM,
    ]);
    return [kdc, kadmind];
  };
  const query = (queries: readonly string[]): Promise<string> =>
    run('kadmin.local', ['-r', REALM], { env, input: `${queries.join('\n')}\n` });
  return { query, clientEnv, env, acl: within('kdc', 'kadm5.acl'), start };
}

/**
 * Makes the realm with policy `default`, everyone's principal, and the keytabs
 * `ceod.keytab`, `admin.keytab`, `ldap.keytab` and those for look-ups in keytabs/; starts both servers.
 */
export async function startKdc(options: KdcOptions): Promise<Kdc> {
  const { folder, ldapHost } = options;
  const within = (...path: string[]): string => join(folder, ...path);
  const realm = await makeRealm(options);
  // `*` stands for one component: the admin has no say over krbtgt/…, kadmin/… or ceod/….
  await writeFile(realm.acl, `${ADMIN_PRINCIPAL} admci *@${REALM}\n`);

  const lookups = hosts
    .filter(({ runs }) => runs !== 'root')
    .map(({ name, runs }) => ({
      principal: `${runs}/${name}`,
      keytab: lookupKeytab(options.folder, runs),
    }));
  const services = hosts.map(({ name }) => `ceod/${name}`);
  const queries = [
    'addpol -minlength 6 default',
    ...Object.entries(passwords).map(
      ([name, password]) => `addprinc -policy default -pw ${password} ${name}`,
    ),
    `addprinc -randkey ${ADMIN_PRINCIPAL}`,
    `ktadd -q -k ${within('keytabs', 'admin.keytab')} ${ADMIN_PRINCIPAL}`,
    `addprinc -randkey ldap/${ldapHost}`,
    `ktadd -q -k ${within('keytabs', 'ldap.keytab')} ldap/${ldapHost}`,
    ...lookups.flatMap(({ principal, keytab }) => [
      `addprinc -randkey ${principal}`,
      `ktadd -q -k ${keytab} ${principal}`,
    ]),
    ...services.map((service) => `addprinc -randkey ${service}`),
    `ktadd -q -k ${within('keytabs', 'ceod.keytab')} ${services.join(' ')}`,
  ];
  await realm.query(queries);
  // Fed by standard input, kadmin.local ends with 0 whatever happened: the last query tells.
  await access(within('keytabs', 'ceod.keytab'));
  return { servers: await realm.start(), clientEnv: realm.clientEnv };
}

/** By which the ops of a Unix user other than root look people up. */
export const lookupKeytab = (folder: string, user: string): string =>
  join(folder, 'keytabs', `ceod-${user}.keytab`);

/** Gets a ticket with this person's password into the given credential cache. */
export async function kinit(
  username: string,
  ccache: string,
  clientEnv: Readonly<Record<string, string>>,
): Promise<void> {
  const password = passwords[username];
  if (password === undefined) throw new Error(`${username} has no password in the sandbox`);
  await run('kinit', ['-c', ccache, username], { env: clientEnv, input: `${password}\n` });
}
