/** Each server of the directory: lets us in, has the bases, and gives long answers in pages. */
import { EqualityFilter, PresenceFilter } from 'ldapts';
import { CeoError, messageOf } from '../../errors.js';
import { shellWord } from '../../shellWord.js';
import { DirectoryRefused } from '../../directory/connection.js';
import type { SiteDirectory } from '../../directory/siteDirectory.js';
import { serverUrls, withDirectory } from './directoryAt.js';
import { fault, unasked, type Finding } from './finding.js';
import { makesAccounts, type Host } from './host.js';
import { edit, editSlapd } from './mend.js';

const anything = new PresenceFilter({ attribute: 'objectClass' });

export async function ldap(host: Host): Promise<Finding[]> {
  const found = await Promise.all(
    serverUrls(host).map((url) =>
      withDirectory(host, url, async (directory) => {
        try {
          // The root of all, which tells whether we are let in.
          await directory.search('', { scope: 'base', filter: anything, attributes: ['1.1'] });
        } catch (error) {
          return notIn(url, error);
        }
        return [...(await bases(directory, url, host)), ...(await paging(directory, url))];
      }),
    ),
  );
  return found.flat();
}

/** What is Kerberos's trouble here is told by others, who know whose it is. */
function notIn(url: string, error: unknown): Finding[] {
  const code = error instanceof CeoError ? error.code : undefined;
  if (code !== 'unreachable' && code !== 'unauthenticated' && code !== 'denied') throw error;
  const word = shellWord(url);
  if (code === 'unreachable') {
    const mend = `ldapsearch -x -H ${word} -s base -b ''`;
    return [fault('ldap.unreachable', `${url} cannot be used: ${messageOf(error)}`, mend)];
  }
  if (!/did not accept|not allow/.test(messageOf(error))) return [unasked('ldap', error)];
  const mend = `ldapwhoami -Y GSSAPI -H ${word}`;
  return [fault('ldap.refused', `${url} does not let ceod in: ${messageOf(error)}`, mend)];
}

async function bases(directory: SiteDirectory, url: string, host: Host): Promise<Finding[]> {
  const { users, groups, sudo } = directory.bases;
  const { uidCounterBase } = host.ceod;
  const wanted = Object.entries({
    users,
    groups,
    ...(makesAccounts(host) && { sudo }),
    ...(makesAccounts(host) && uidCounterBase !== undefined && { counters: uidCounterBase }),
  });
  const found = await Promise.all(
    wanted.map(async ([name, base]) => {
      const search = { scope: 'base', filter: anything, attributes: ['1.1'] } as const;
      if ((await directory.search(base, search)).length > 0) return [];
      const what = `${url} has no ${base}, or does not show it`;
      return [fault(`ldap.base.${name}`, what, making(base, url))];
    }),
  );
  return found.flat();
}

/** As the tree of docs/directory.md is made: of units. */
function making(base: string, url: string): string {
  const [, unit] = /^ou=([\w .-]+)(?:, *\w+=[\w .-]+)*$/i.exec(base) ?? [];
  if (unit === undefined) return edit('accounts.cf');
  const ldif = `dn: ${base}\\nobjectClass: organizationalUnit\\nou: ${unit}\\n`;
  return `printf ${shellWord(ldif)} | ldapadd -Y GSSAPI -H ${shellWord(url)}`;
}

/** By a search that finds little: how many pages a server gives cannot be seen without all entries. */
async function paging(directory: SiteDirectory, url: string): Promise<Finding[]> {
  try {
    await directory.search(directory.bases.groups, {
      scope: 'one',
      filter: new EqualityFilter({ attribute: 'cn', value: 'syscom' }),
      attributes: ['1.1'],
    });
    return [];
  } catch (error) {
    if (!(error instanceof DirectoryRefused)) throw error;
    const what = `${url} gives no pages of 500 entries: ${error.message}`;
    return [fault('ldap.paging', what, editSlapd())];
  }
}
