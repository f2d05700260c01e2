/** A site with two directory servers of its own, in the sandbox's realm: a primary and its replica. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startSlapd, type Slapd } from '../../sandbox/slapd.js';
import type { Server } from '../../sandbox/server.js';
import { eventually } from './eventually.js';
import { ccache, folder, runAs, variable } from './realm.js';

export interface OwnServer {
  readonly url: string;
  stop(): Promise<void>;
  /** At the same port. */
  start(): Promise<void>;
  /** It takes connections from then on, and says nothing. */
  freeze(): void;
  thaw(): void;
  readonly pid: number;
  /** The entries that a filter finds here. */
  search(filter: string, ...attributes: string[]): Promise<string>;
}

export interface TwoSlapds {
  readonly primary: OwnServer;
  readonly replica: OwnServer;
  /** Trusts both. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

function ownServer(slapd: Slapd): OwnServer {
  let [server]: readonly Server[] = slapd.servers;
  const { LDAP_URI: url, LDAPTLS_CACERT, LDAP_BASE } = slapd.clientEnv;
  const pid = () => (server as Server).pid;
  return {
    url,
    stop: () => (server as Server).stop(),
    async start() {
      server = await slapd.restart();
    },
    freeze: () => void process.kill(pid(), 'SIGSTOP'),
    thaw: () => void process.kill(pid(), 'SIGCONT'),
    get pid() {
      return pid();
    },
    async search(filter, ...attributes) {
      const { stdout, stderr, status } = await runAs(
        'sysadmin1',
        [
          'ldapsearch',
          ...['-LLL', '-Q', '-Y', 'GSSAPI', '-o', 'ldif-wrap=no', '-H', url, '-b', LDAP_BASE],
          ...[filter, ...attributes],
        ],
        { env: { LDAPTLS_CACERT } },
      );
      if (status !== 0) throw new Error(stderr);
      return stdout;
    },
  };
}

/**
 * @param kind of the second: it refers changes to the first, refuses them, has not heard of any
 *   since it was started, or takes them and tells nobody
 */
export async function startTwoSlapds(
  name: string,
  kind: 'refers' | 'refuses' | 'lags' | 'writable',
): Promise<TwoSlapds> {
  const common = {
    folder,
    address: new URL(variable('LDAP_URI')).hostname,
    env: process.env as Record<string, string>,
    today: new Date(),
  };
  const first = await startSlapd({
    ...common,
    name: `${name}-primary`,
    database: { lines: 'moduleload syncprov\noverlay syncprov\n' },
  });
  const { LDAP_URI, LDAPTLS_CACERT, LDAP_BASE } = first.clientEnv;
  const copied =
    kind === 'lags' ? 'type=refreshOnly interval=01:00:00:00' : 'type=refreshAndPersist';
  // By the ticket of syscom's member: limits let it read everything.
  const lines = `rootdn cn=replication,${LDAP_BASE}
syncrepl rid=001 provider=${LDAP_URI} ${copied} retry="1 +" searchbase="${LDAP_BASE}"
  bindmethod=sasl saslmech=GSSAPI tls_cacert=${LDAPTLS_CACERT}
${kind === 'refuses' ? '' : `updateref ${LDAP_URI}`}
`;
  const second = await startSlapd({
    ...common,
    env: { ...common.env, KRB5CCNAME: ccache('sysadmin1') },
    name: `${name}-replica`,
    ...(kind !== 'writable' && { database: { lines, replica: true } }),
  });
  const [primary, replica] = [ownServer(first), ownServer(second)];
  await eventually(async () =>
    (await replica.search('(uid=ctdalek)', 'uid').catch(() => '')).includes('uid: ctdalek'),
  );
  const authorities = path.join(folder, `${name}.pem`);
  const each = [LDAPTLS_CACERT, second.clientEnv.LDAPTLS_CACERT];
  await writeFile(authorities, (await Promise.all(each.map((file) => readFile(file)))).join('\n'));
  return {
    primary,
    replica,
    env: { LDAPTLS_CACERT: authorities },
    async stop() {
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}
