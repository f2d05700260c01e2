/** The demo site as tests see it: its people, its servers, and its admin's view. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ccache, folder, run, variable, type Outcome } from '../sandbox/inside.js';

export { ccache, folder, run, variable, type Outcome };

/** The users whose tickets there are. */
export type DemoUser = 'ctdalek' | 'sysadmin1' | 'nobody1';

export const ginseng = 'ginseng.csclub.test';

/** A program of ours, run as a demo user. */
export function runAs(
  user: string,
  command: readonly [string, ...string[]],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return run(command, { ...options, env: { KRB5CCNAME: ccache(user), ...options.env } });
}

/** The host's configuration and state, as its ceod sees it. */
export const hostDir = path.join(folder, 'hosts', 'ginseng');
export const homeOf = (username: string): string => path.join(folder, 'users', username);

/** kadmin as the admin principal; resolves to what it prints. */
export async function kadmin(...query: string[]): Promise<string> {
  const keytab = path.join(folder, 'keytabs', 'admin.keytab');
  const { stdout, stderr } = await promisify(execFile)(
    'kadmin',
    ['-k', '-t', keytab, '-p', 'ceod/admin', ...query],
    { env: { ...process.env, LC_ALL: 'C' } },
  );
  return stdout + stderr;
}

export async function principalExists(username: string): Promise<boolean> {
  return (await principal(username)) !== undefined;
}

/** What kadmin tells of a principal. */
export async function principal(username: string): Promise<string | undefined> {
  try {
    return await kadmin('getprinc', username);
  } catch (error) {
    if (String(error).includes('does not exist')) return undefined;
    throw error;
  }
}

/** The entries that a filter finds, as LDIF without comments and folded lines. */
export async function ldapsearch(filter: string, ...attributes: string[]): Promise<string> {
  const { stdout, stderr, status } = await runAs('sysadmin1', [
    'ldapsearch',
    ...['-LLL', '-Q', '-Y', 'GSSAPI', '-o', 'ldif-wrap=no', '-E', 'pr=500/noprompt'],
    ...['-H', variable('LDAP_URI'), '-b', variable('LDAP_BASE'), filter, ...attributes],
  ]);
  if (status !== 0) throw new Error(stderr);
  // Behind the last page ldapsearch reports about paging.
  return stdout.replace(/^# .*\n+/gm, '');
}

/** Whether anything of an account is left: what, or nothing. */
export async function tracesOf(username: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  const [entries, principal, homes] = await Promise.all([
    ldapsearch(`(|(uid=${username})(cn=${username})(cn=%${username}))`, '1.1'),
    principalExists(username),
    readdir(path.join(folder, 'users')),
  ]);
  return [
    ...entries.split('\n').filter((line) => line.startsWith('dn:')),
    ...(principal ? [`principal ${username}`] : []),
    ...homes.filter((name) => name === username || name.startsWith(`.ceod-${username}-`)),
  ];
}
