/** ~/ceo-mysql-info: how to reach the database. The file before it is kept as .old. */
import { chmod, link, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ManagedAccount } from '../../directory/accounts.js';

const NAME = 'ceo-mysql-info';

/**
 * Writes it for its owner alone; for a club, for everyone in the club's group.
 * @returns its path
 * @throws Error if the home is not there or not writable
 */
export async function writeInfoFile(account: ManagedAccount, password: string): Promise<string> {
  const file = path.join(account.home, NAME);
  const fresh = `${file}.${process.pid}.new`;
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(infoText(account.username, password));
    const isRoot = process.getuid?.() === 0;
    // Who owns the file may give it to a group of their own.
    if (account.kind === 'club')
      await handle.chown(isRoot ? account.uidNumber : -1, account.gidNumber);
    else if (isRoot) await handle.chown(account.uidNumber, account.gidNumber);
    if (account.kind === 'club') await handle.chmod(0o660);
    await keepOld(file);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return file;
}

/** As a link beside it, so that there is no moment without the file. */
async function keepOld(file: string): Promise<void> {
  const exists = await lstat(file).catch(() => undefined);
  if (exists === undefined) return;
  const old = `${file}.old`;
  await rm(old, { force: true });
  await link(file, old);
  if (exists.isFile()) await chmod(old, exists.mode & 0o777);
}

export function infoText(username: string, password: string): string {
  return `MySQL database of ${username}

Connect to it with:

    mysql -u ${username} -p ${username}

Database: ${username}
Username: ${username}
Password: ${password}
Host:     localhost

If the password is lost, ask for a new one: ceo mysql create ${username}
`;
}
