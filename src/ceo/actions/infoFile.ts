/** ~/ceo-mysql-info: how to reach the database. The file before it is kept as .old. */
import { link, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ManagedAccount } from '../../directory/accounts.js';
import { run, SYSTEM_PATH } from '../../process/run.js';

const NAME = 'ceo-mysql-info';
const TIMEOUT_MS = 10_000;

/**
 * Writes it for its owner alone; for a club, for everyone in the club's group.
 * @returns its path
 * @throws Error if the home is not there or not writable
 */
export async function writeInfoFile(account: ManagedAccount, password: string): Promise<string> {
  const text = infoText(account.username, password);
  await (process.getuid?.() === 0 ? writeAsOwner(account, text) : writeAsCaller(account, text));
  return path.join(account.home, NAME);
}

/**
 * As whoever runs ceo, who may share the folder with others of a club: what is changed is the
 * open file, and never what its name leads to by then.
 */
async function writeAsCaller(
  { home, kind, gidNumber }: ManagedAccount,
  text: string,
): Promise<void> {
  const file = path.join(home, NAME);
  const fresh = `${file}.new`;
  // Left behind by one that was killed.
  await rm(fresh, { force: true });
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    if (kind === 'club') {
      await handle.chown(-1, gidNumber);
      await handle.chmod(0o660);
    }
    await rm(`${file}.old`, { force: true });
    // A link, so that there is no moment without the file.
    await link(file, `${file}.old`).catch(unlessMissing);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** $1: home, $2: mode. Whoever else can write there can act as its owner anyway. */
const WRITE = `
set -eu
umask 077
cd -- "$1"
new=${NAME}.new
# Left behind by one that was killed.
rm -f -- "$new"
set -C
cat >"$new"
set +C
trap 'rm -f -- "$new"' EXIT
chmod "$2" -- "$new"
rm -f -- ${NAME}.old
if [ -L ${NAME} ]; then
  mv -T -- ${NAME} ${NAME}.old
elif [ -e ${NAME} ]; then
  ln -P -- ${NAME} ${NAME}.old
fi
mv -fT -- "$new" ${NAME}
`;

/** Root works in nobody's folder: the owner of the home does it, and nothing else than that one may. */
async function writeAsOwner(account: ManagedAccount, text: string): Promise<void> {
  const { home, kind, uidNumber: uid, gidNumber: gid } = account;
  const mode = kind === 'club' ? '0660' : '0600';
  const { status, stderr } = await run('sh', ['-c', WRITE, 'sh', home, mode], {
    as: { uid, gid, groups: [] },
    env: { PATH: SYSTEM_PATH, LANG: 'C' },
    timeoutMs: TIMEOUT_MS,
    input: text,
  });
  if (status !== 0) throw new Error(stderr.split('\n')[0]);
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
