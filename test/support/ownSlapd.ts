/** A directory of a test's own, of any size, beside the sandbox's and in its realm. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startSlapd, type Slapd } from '../../sandbox/slapd.js';
import { FURTHER_MEMBERS_FROM } from '../../sandbox/entries.js';
import { startOwnCeod, type OwnCeod } from './ownCeod.js';
import { folder, variable } from './realm.js';

export interface OwnSlapd {
  /** A ceod that works in this directory, and goes on giving out the uids behind those taken. */
  /** @param accounts further lines for its accounts.cf */
  startCeod(accounts?: string): Promise<OwnCeod>;
  /** The operations that the server has been asked for so far, as its log names them. */
  operations(): string[];
  stop(): Promise<void>;
}

/** @param furtherMembers how many accounts there are besides the demo site's */
export async function startOwnSlapd(name: string, furtherMembers: number): Promise<OwnSlapd> {
  const slapd: Slapd = await startSlapd({
    folder,
    address: new URL(variable('LDAP_URI')).hostname,
    env: process.env as Record<string, string>,
    today: new Date(),
    name,
    loglevel: 'stats',
    furtherMembers,
  });
  const [server] = slapd.servers;
  const { LDAP_URI, LDAPTLS_CACERT } = slapd.clientEnv;
  return {
    startCeod: (accounts = '') =>
      startOwnCeod('', {
        accounts: `ldap_server_url = "${LDAP_URI}"
member_min_id = ${FURTHER_MEMBERS_FROM}
member_max_id = 999999
${accounts}`,
        env: { LDAPTLS_CACERT },
      }),
    operations: () =>
      [
        ...readFileSync(path.join(folder, 'log', `${name}.log`), 'utf8').matchAll(
          /conn=\d+ op=\d+ (SRCH base|MOD dn|ADD dn|DEL dn|BIND dn)/g,
        ),
      ].map(([, operation = '']) => operation.replace(/ .*/, '')),
    stop: () => server.stop(),
  };
}
