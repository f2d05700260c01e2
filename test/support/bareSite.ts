/**
 * A site before ceod comes to it: a realm with nothing of ours, and slapd as Debian configures it,
 * by cn=config, with nis.schema and somebody else's data.
 */
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeCertificates } from '../../sandbox/certificates.js';
import { makeRealm, type Realm } from '../../sandbox/kdc.js';
import { drawNetwork, freePort, isListening } from '../../sandbox/network.js';
import { nodeOf, programsOf } from '../../sandbox/programs.js';
import { run as runToEnd, systemPath } from '../../sandbox/run.js';
import { startServer, type Server } from '../../sandbox/server.js';
import { BASE, REALM } from '../../sandbox/site.js';
import { folder, ginseng, run, type Outcome } from './realm.js';

export interface BareSite {
  /** Everything is in it; the configuration is in etc/. */
  readonly dir: string;
  readonly realm: Realm;
  readonly env: Readonly<Record<string, string>>;
  /** Where ceod is to listen. */
  readonly target: { readonly address: string; readonly port: number };
  readonly ldapi: string;
  readonly ldapUri: string;
  /** A program of the site's, as root. */
  run(command: readonly [string, ...string[]], input?: string): Promise<Outcome>;
  /** Those that are to be stopped in the end. */
  readonly servers: Server[];
  startCeod(): Promise<void>;
  stop(): Promise<void>;
}

/** What others have in the directory; everybody may read it. */
const OTHERS = `dn: ${BASE}
objectClass: top
objectClass: dcObject
objectClass: organization
dc: csclub
o: Computer Science Club

dn: ou=Machines,${BASE}
objectClass: organizationalUnit
ou: Machines

dn: uid=printer,ou=Machines,${BASE}
objectClass: account
objectClass: posixAccount
uid: printer
cn: The Printer
uidNumber: 10001
gidNumber: 10001
homeDirectory: /nonexistent
`;

/** @param others more of what others have, as LDIF */
export async function startBareSite(others = ''): Promise<BareSite> {
  const dir = await mkdtemp(path.join(folder, 'bare-'));
  await chmod(dir, 0o755);
  for (const part of ['etc', 'kdc', 'keytabs', 'log', 'ccaches', 'db', 'slapd.d', 'tls'])
    await mkdir(path.join(dir, part));
  const network = drawNetwork();
  const address = network.address(1);
  const base = { PATH: `${path.join(folder, 'bin')}:${systemPath}`, LANG: 'C.UTF-8' };
  const realm = await makeRealm({ folder: dir, address, env: base });
  const ldapKeytab = path.join(dir, 'keytabs', 'ldap.keytab');
  await realm.query([
    `addprinc -randkey ldap/${address}`,
    `ktadd -q -k ${ldapKeytab} ldap/${address}`,
  ]);

  const certificates = await makeCertificates(path.join(dir, 'tls'), address);
  const conf = path.join(dir, 'slapd.conf');
  await writeFile(conf, slapdConf(dir, address, certificates));
  const env = { ...base, ...realm.clientEnv, LDAPTLS_CACERT: certificates.authority };
  await runToEnd('slapadd', ['-q', '-f', conf, '-b', BASE], { env, input: `${OTHERS}\n${others}` });
  const config = path.join(dir, 'slapd.d');
  await runToEnd('slaptest', ['-f', conf, '-F', config], { env });
  const port = await freePort(address);
  const ldapUri = `ldaps://${address}:${port}`;
  const ldapi = `ldapi://${encodeURIComponent(path.join(dir, 'ldapi'))}`;
  const slapd = await startServer({
    name: 'slapd-bare',
    command: ['/usr/sbin/slapd', '-d', '0', '-h', `${ldapUri} ${ldapi}`, '-F', config],
    env: { ...env, KRB5_KTNAME: `FILE:${ldapKeytab}` },
    log: path.join(dir, 'log', 'slapd.log'),
    ready: () => isListening(address, port),
  });

  const own = network.address(11);
  const target = { address: own, port: await freePort(own) };
  const servers = [slapd];
  const all = {
    ...env,
    ...realm.env,
    CEO_CONFIG_DIR: path.join(dir, 'etc'),
    CEO_HOSTS: path.join(dir, 'etc', 'hosts'),
    // A ticket of this realm must not lie among those of the sandbox's.
    KRB5CCNAME: `FILE:${path.join(dir, 'ccaches', 'own')}`,
  };
  await writeFile(all.CEO_HOSTS, `${own} ${ginseng}\n`);
  const site: BareSite = {
    dir,
    realm,
    env: all,
    target,
    ldapi,
    ldapUri,
    run: (command, input = '') => run(command, { env: all, input }),
    servers,
    startCeod: async () => {
      const ceod = await startServer({
        name: 'ceod-bare',
        command: [nodeOf(folder), path.join(programsOf(folder), 'dist', 'ceod', 'main.js')],
        env: all,
        log: path.join(dir, 'log', 'ceod.log'),
        ready: () => isListening(target.address, target.port),
      });
      servers.push(ceod);
    },
    stop: async () => {
      for (const server of servers.splice(0).reverse()) await server.stop();
    },
  };
  await configure(site);
  return site;
}

/** As Debian's package writes it, but for the places. */
function slapdConf(
  dir: string,
  address: string,
  { authority, certificate, key }: Awaited<ReturnType<typeof makeCertificates>>,
): string {
  const root = 'dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"';
  return `${['core', 'cosine', 'nis', 'inetorgperson']
    .map((name) => `include /etc/ldap/schema/${name}.schema`)
    .join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${dir}/slapd.pid
argsfile ${dir}/slapd.args
TLSCACertificateFile ${authority}
TLSCertificateFile ${certificate}
TLSCertificateKeyFile ${key}
sasl-realm ${REALM}
sasl-host ${address}
sasl-secprops noanonymous,noplain,minssf=0
access to dn.exact="" by * read
access to dn.base="cn=Subschema" by * read

database config
access to * by ${root} manage by * break

database mdb
suffix ${BASE}
directory ${dir}/db
dbnosync
rootdn cn=admin,${BASE}
access to attrs=userPassword by self write by anonymous auth by * none
access to attrs=shadowLastChange by self write by * read
access to * by * read
index objectClass eq
index cn,uid eq
index uidNumber,gidNumber eq
index member,memberUid eq
`;
}

/** As a site writes them that has read docs/configuration.md. */
async function configure({ dir, target, ldapUri }: BareSite): Promise<void> {
  await mkdir(path.join(dir, 'run'), { mode: 0o711 });
  await writeFile(
    path.join(dir, 'etc', 'accounts.cf'),
    `member_shell = /bin/bash
member_min_id = 20001
member_max_id = 29999
member_home = ${dir}/users
member_home_skel = ${dir}/skel/member
club_shell = /bin/bash
club_min_id = 30001
club_max_id = 39999
club_home = ${dir}/users
club_home_skel = ${dir}/skel/club
krb5_realm = ${REALM}
krb5_admin_principal = ceod/admin@${REALM}
ldap_server_url = ${ldapUri}
ldap_users_base = ou=People,${BASE}
ldap_groups_base = ou=Group,${BASE}
ldap_sudo_base = ou=SUDOers,${BASE}
ldap_admin_principal = ceod/admin@${REALM}
`,
  );
  await writeFile(
    path.join(dir, 'etc', 'ceod.cf'),
    `ceod_hostname = ${ginseng}
ceod_listen = ${target.address}
ceod_port = ${target.port}
session_user = games
service_keytab = ${dir}/etc/ceod.keytab
admin_keytab = ${dir}/etc/ceod-admin.keytab
lookup_keytab = ${dir}/etc/ceod-{user}.keytab
state_dir = ${dir}/state
runtime_dir = ${dir}/run
uid_counter_base = ou=Counters,${BASE}
`,
  );
}
