/** OpenLDAP: the directory with its entries, access rules, TLS and SASL GSSAPI. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificates } from './certificates.js';
import { directoryLdif } from './entries.js';
import { freePort, isListening } from './network.js';
import { run } from './run.js';
import { startServer, type Server } from './server.js';
import { BASE, REALM } from './site.js';

export interface SlapdOptions {
  folder: string;
  /** Where it listens; also the host name in its certificate and principal. */
  address: string;
  /** Its environment, with the Kerberos client settings. */
  env: Readonly<Record<string, string>>;
  /** The day whose term everybody has paid for. */
  today: Date;
}

export interface Slapd {
  servers: readonly [Server];
  /** What an LDAP client needs in its environment. */
  clientEnv: {
    readonly LDAP_URI: string;
    readonly LDAP_STARTTLS_URI: string;
    readonly LDAP_BASE: string;
    readonly LDAPTLS_CACERT: string;
  };
}

/** Fills the directory and starts slapd on ldaps://, and on ldap:// for StartTLS. */
export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const { folder, address } = options;
  const home = join(folder, 'ldap');
  const [certificates, port, startTlsPort] = await Promise.all([
    makeCertificates(join(folder, 'tls'), address),
    freePort(address),
    freePort(address),
  ]);

  const config = join(home, 'slapd.conf');
  const local = (name: string): string => fileURLToPath(new URL(`schema/${name}`, import.meta.url));
  const admin = `cn=ceod/admin,${BASE}`;
  const office = `group/group/uniqueMember.exact="cn=office,ou=Group,${BASE}"`;
  const syscom = `group/group/uniqueMember.exact="cn=syscom,ou=Group,${BASE}"`;
  await writeFile(
    config,
    `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include ${local('rfc2307bis.schema')}
include ${local('csclub.schema')}
include ${local('sudo.schema')}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${join(home, 'slapd.pid')}
argsfile ${join(home, 'slapd.args')}
threads 4

TLSCACertificateFile ${certificates.authority}
TLSCertificateFile ${certificates.certificate}
TLSCertificateKeyFile ${certificates.key}
TLSVerifyClient never
security tls=1

sasl-realm ${REALM}
sasl-host ${address}
sasl-secprops noanonymous,noplain,minssf=0
# An instance is not the person: only ceod/admin maps to something, which is no entry.
authz-regexp ^uid=ceod/admin,(cn=csclub\\.test,)?cn=gssapi,cn=auth$ ${admin}
authz-regexp ^uid=([^,/]+),(cn=csclub\\.test,)?cn=gssapi,cn=auth$ uid=$1,ou=People,${BASE}

access to dn.base="" by * read
access to dn.base="cn=Subschema" by users read by * none

database mdb
suffix ${BASE}
directory ${join(home, 'db')}
maxsize 1073741824
dbnosync
limits users size.soft=500 size.pr=unlimited size.prtotal=unlimited
index objectClass,uid,uidNumber,gidNumber,uniqueMember,term,nonMemberTerm,position eq
index cn eq,sub
index sudoUser eq

access to dn.onelevel="ou=People,${BASE}" attrs=term,nonMemberTerm,program
  by dn.exact="${admin}" write
  by ${syscom} write
  by ${office} write
  by users read
access to dn.onelevel="ou=People,${BASE}" attrs=loginShell
  by dn.exact="${admin}" write
  by ${syscom} write
  by self write
  by users read
access to dn.regex="^(.+,)?ou=(People|Group|SUDOers),${BASE}$"
  by dn.exact="${admin}" write
  by ${syscom} write
  by users read
access to *
  by ${syscom} write
  by users read
`,
  );
  await run('slapadd', ['-q', '-f', config], {
    env: options.env,
    input: directoryLdif(folder, options.today),
  });

  const uri = `ldaps://${address}:${port}`;
  const startTlsUri = `ldap://${address}:${startTlsPort}`;
  const slapd = await startServer({
    name: 'slapd',
    command: ['/usr/sbin/slapd', '-d', '0', '-h', `${uri} ${startTlsUri}`, '-f', config],
    env: { ...options.env, KRB5_KTNAME: `FILE:${join(folder, 'keytabs', 'ldap.keytab')}` },
    log: join(folder, 'log', 'slapd.log'),
    ready: () => isListening(address, port),
  });
  return {
    servers: [slapd],
    clientEnv: {
      LDAP_URI: uri,
      LDAP_STARTTLS_URI: startTlsUri,
      LDAP_BASE: BASE,
      LDAPTLS_CACERT: certificates.authority,
    },
  };
}
