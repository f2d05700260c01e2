/**
 * OpenLDAP: the directory, configured by the example that sites start from, and
 * beside it the university's, which tells strangers everything.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from './certificates.js';
import { checkout } from './checkout.js';
import { directoryLdif, furtherMembersLdif, universityLdif } from './entries.js';
import { freePort, isListening } from './network.js';
import { run } from './run.js';
import { startServer, type Server } from './server.js';
import { BASE, REALM, UNIVERSITY } from './site.js';

export interface SlapdOptions {
  folder: string;
  /** Where it listens; also the host name in its certificate and principal. */
  address: string;
  /** Its environment, with the Kerberos client settings. */
  env: Readonly<Record<string, string>>;
  /** The day whose term everybody has paid for. */
  today: Date;
  /** What its log tells of (loglevel of slapd.conf(5)); nothing unless said. */
  loglevel?: 'filter' | 'stats';
  /** What its folder and its log are called; `slapd` unless given. */
  name?: string;
  /** Another keytab than the one that fits. */
  keytab?: string;
  /** How many members there are besides those of the demo site. */
  furtherMembers?: number;
  /** Further lines of slapd.conf for its database; `replica`: which is empty at first. */
  database?: { readonly lines: string; readonly replica?: true };
}

export interface Slapd {
  servers: readonly [Server];
  /** Starts it again, at the same ports. */
  restart: () => Promise<Server>;
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
  const { folder, address, name = 'slapd', furtherMembers = 0, loglevel = '0', database } = options;
  const { keytab = join(folder, 'keytabs', 'ldap.keytab') } = options;
  const home = join(folder, name);
  for (const part of ['db', 'university', 'tls'])
    await mkdir(join(home, part), { recursive: true });
  const [certificates, port, startTlsPort] = await Promise.all([
    makeCertificates(join(home, 'tls'), address),
    freePort(address),
    freePort(address),
  ]);

  const config = join(home, 'slapd.conf');
  await writeFile(config, await slapdConf(home, address, certificates, database?.lines));
  const site = `${directoryLdif(folder, options.today)}\n${furtherMembersLdif(furtherMembers)}`;
  const trees = {
    ...(database?.replica !== true && { [BASE]: site }),
    [UNIVERSITY]: universityLdif(),
  };
  for (const [suffix, input] of Object.entries(trees)) {
    await run('slapadd', ['-q', '-f', config, '-b', suffix], { env: options.env, input });
  }

  const uri = `ldaps://${address}:${port}`;
  const startTlsUri = `ldap://${address}:${startTlsPort}`;
  const start = () =>
    startServer({
      name,
      command: ['/usr/sbin/slapd', '-d', loglevel, '-h', `${uri} ${startTlsUri}`, '-f', config],
      env: { ...options.env, KRB5_KTNAME: `FILE:${keytab}` },
      log: join(folder, 'log', `${name}.log`),
      ready: () => isListening(address, port),
    });
  return {
    servers: [await start()],
    restart: start,
    clientEnv: {
      LDAP_URI: uri,
      LDAP_STARTTLS_URI: startTlsUri,
      LDAP_BASE: BASE,
      LDAPTLS_CACERT: certificates.authority,
    },
  };
}

/** etc/slapd.conf.example with this site's names and places, and a second database. */
async function slapdConf(
  home: string,
  address: string,
  { authority, certificate, key }: Awaited<ReturnType<typeof makeCertificates>>,
  databaseLines = '',
): Promise<string> {
  const ours: readonly (readonly [example: string, here: string])[] = [
    ['dc=example,dc=org', BASE],
    ['cn=example\\.org', `cn=${REALM.toLowerCase().replace('.', '\\.')}`],
    ['sasl-realm EXAMPLE.ORG', `sasl-realm ${REALM}`],
    ['sasl-host ldap.example.org', `sasl-host ${address}`],
    ['/etc/ssl/certs/ca-certificates.crt', authority],
    ['/etc/ldap/tls/slapd.pem', certificate],
    ['/etc/ldap/tls/slapd.key', key],
    ['/run/slapd/', `${home}/`],
    ['directory /var/lib/ldap', `dbnosync\ndirectory ${join(home, 'db')}`],
    ...['rfc2307bis', 'csclub', 'sudo'].map(
      (name) =>
        [
          `/etc/ldap/schema/${name}.schema`,
          join(checkout, 'etc', 'schema', `${name}.schema`),
        ] as const,
    ),
  ];
  const example = await readFile(join(checkout, 'etc', 'slapd.conf.example'), 'utf8');
  const site = ours.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`etc/slapd.conf.example has no ${from}`);
    return text.replaceAll(from, to);
  }, example);
  return `threads 4
${site}
${databaseLines}
database mdb
suffix ${UNIVERSITY}
directory ${join(home, 'university')}
dbnosync
index objectClass,uid eq
access to * by * read
`;
}
