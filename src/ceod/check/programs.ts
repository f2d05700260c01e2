/** What is run, or copied, for a new account: there, and fit for whoever runs it. */
import { shellWord } from '../../shellWord.js';
import { userInNss } from '../../process/nss.js';
import type { Identity } from '../../process/run.js';
import { holds, statOf } from './files.js';
import { fault, type Finding } from './finding.js';
import { makesAccounts, type Host } from './host.js';
import { edit } from './mend.js';

/** Those that ceod cannot do without, with Debian's package of each. */
const NEEDED: Readonly<Record<string, string>> = {
  setpriv: 'util-linux',
  flock: 'util-linux',
  getent: 'libc-bin',
};
const FOR_ACCOUNTS: Readonly<Record<string, string>> = {
  kadmin: 'krb5-user',
  setfacl: 'acl',
  find: 'findutils',
};

export async function programs(host: Host): Promise<Finding[]> {
  const found = await Promise.all([
    needed(host),
    ...(makesAccounts(host) ? [hooks(host), skeletons(host), quotaCommand(host)] : []),
  ]);
  return found.flat();
}

async function needed(host: Host): Promise<Finding[]> {
  const packages = Object.entries({ ...NEEDED, ...(makesAccounts(host) && FOR_ACCOUNTS) });
  const found = await Promise.all(
    packages.map(async ([name, deb]) =>
      (await isInPath(name, host.timeoutMs))
        ? []
        : [fault(`programs.${name}`, `there is no program ${name}`, `apt-get install ${deb}`)],
    ),
  );
  return found.flat();
}

/** Whether the PATH that ceod gives to what it runs has it. */
async function isInPath(name: string, timeoutMs: number): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    if (await holds('-x', `${folder}/${name}`, undefined, timeoutMs)) return true;
  }
  return false;
}

async function hooks({ accounts, ceod, timeoutMs }: Host): Promise<Finding[]> {
  const user = await userInNss(ceod.hookUser);
  if (user === undefined) {
    const mend = `adduser --system --group --no-create-home ${shellWord(ceod.hookUser)}`;
    return [fault('programs.hook_user', `there is no user ${ceod.hookUser} (hook_user)`, mend)];
  }
  const as: Identity = { ...user, groups: [] };
  const each = async (key: string, file: string | undefined) =>
    file === undefined
      ? []
      : executable(`programs.${key}`, `${key} ${file}`, file, timeoutMs, edit('accounts.cf'), as);
  return [
    ...(await each('notify_hook', accounts.notifyHook)),
    ...(await each('expire_hook', accounts.expireHook)),
  ];
}

/**
 * A program of the site's, for whoever runs it.
 * @param instead what to do if there is none
 */
export async function executable(
  id: string,
  what: string,
  file: string,
  timeoutMs: number,
  instead: string,
  as?: Identity,
): Promise<Finding[]> {
  const stat = await statOf(file, timeoutMs);
  const word = shellWord(file);
  if (stat === undefined) return [fault(id, `${what} does not exist`, instead)];
  if (stat.kind === 'file' && (await holds('-x', file, as, timeoutMs))) return [];
  return [fault(id, `${what} cannot be executed by whoever is to run it`, `chmod a+rx ${word}`)];
}

async function skeletons({ accounts, timeoutMs }: Host): Promise<Finding[]> {
  const each = async (key: string, folder: string) => {
    if ((await statOf(folder, timeoutMs))?.kind === 'folder') return [];
    const mend = `install -d -m 0755 -o root -g root ${shellWord(folder)}`;
    return [fault(`programs.${key}`, `${key} ${folder} is no folder`, mend)];
  };
  return [
    ...(await each('member_home_skel', accounts.memberHomeSkel)),
    ...(await each('club_home_skel', accounts.clubHomeSkel)),
  ];
}

async function quotaCommand({ ceod, timeoutMs }: Host): Promise<Finding[]> {
  const [program] = ceod.quotaCommand ?? [];
  if (program === undefined) return [];
  if (program.startsWith('/'))
    return executable(
      'programs.quota_command',
      `quota_command ${program}`,
      program,
      timeoutMs,
      edit('ceod.cf'),
    );
  if (await isInPath(program, timeoutMs)) return [];
  const what = `quota_command: there is no program ${program}`;
  return [fault('programs.quota_command', what, 'apt-get install quota')];
}
