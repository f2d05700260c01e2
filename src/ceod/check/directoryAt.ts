/** One server of the directory, asked as ceod asks it. */
import { basesOf } from '../../config/settings.js';
import { Servers } from '../../directory/servers.js';
import { SiteDirectory } from '../../directory/siteDirectory.js';
import { makesAccounts, type Host } from './host.js';

/** The server that takes the changes first. */
export const serverUrls = ({ accounts }: Host): readonly string[] => [
  ...new Set([
    ...(accounts.ldapWriteUrl ? [accounts.ldapWriteUrl] : []),
    ...accounts.ldapServerUrl,
  ]),
];

/** Asks it, and closes the connection. @param url all servers unless given */
export async function withDirectory<T>(
  host: Host,
  url: string | undefined,
  use: (directory: SiteDirectory) => Promise<T>,
): Promise<T> {
  const { accounts, timeoutMs } = host;
  const directory = new SiteDirectory(basesOf(accounts), {
    servers:
      url === undefined
        ? new Servers(accounts.ldapServerUrl, accounts.ldapWriteUrl)
        : new Servers([url]),
    timeoutMs,
    ...(makesAccounts(host) && { principal: accounts.ldapAdminPrincipal }),
  });
  try {
    return await use(directory);
  } finally {
    directory.close();
  }
}
