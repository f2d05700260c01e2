/**
 * What an admin principal may do, asked without changing anything: kadmind says whether somebody may
 * before it says that there is no such principal. getprivs is no help: the server of MIT Kerberos
 * always answers that everything is allowed.
 */
import { randomBytes } from 'node:crypto';
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';
import { adminSession, type KadminOptions } from './kadmin.js';
import type { KadminQuery } from './kadminSession.js';

/** As kadm5.acl(5) has them. */
export type KadminRight = 'inquire' | 'add' | 'modify' | 'changepw' | 'delete';

export interface KadminState {
  readonly lacking: readonly KadminRight[];
  /** Whether there is the password policy; undefined: it cannot be asked. */
  readonly policy: boolean | undefined;
}

/** Each with a query that cannot succeed, whoever asks. */
const PROBES = (principal: string): readonly (readonly [KadminRight, string, string[]])[] => [
  ['inquire', 'get_principal', [principal]],
  ['modify', 'set_string', [principal, 'ceod', 'check']],
  ['changepw', 'change_password', ['-randkey', principal]],
  // No KDC takes an empty password. Were one to, it would be made without tickets, and removed next.
  ['add', 'add_principal', ['-policy', 'default', '-allow_tix', '-pw', '""', principal]],
  ['delete', 'delete_principal', ['-force', principal]],
];

/** @throws CeoError unreachable, failed: it could not be asked */
export async function askKadmin(options: KadminOptions): Promise<KadminState> {
  const principal = `ceod-check-${randomBytes(8).toString('hex')}@${options.realm}`;
  const session = adminSession(options);
  const send = async (command: string, args: readonly string[], success = '\0') => {
    const query: KadminQuery = { command, args, success };
    const { outcome, text } = await session.query(query, options.timeoutMs);
    if (outcome === 'done') return 'done';
    if (outcome !== 'refused') throw notAsked(text || 'kadmin gave no answer');
    return text;
  };
  try {
    const lacking: KadminRight[] = [];
    for (const [right, command, args] of PROBES(principal)) {
      const said = await send(command, args, SUCCESS[command]?.(principal));
      if (/requires ``[\w-]+'' privilege/.test(said)) lacking.push(right);
      else if (/Communication failure|GSS-API/.test(said)) throw notAsked(said);
    }
    const policy = await send('get_policy', ['default'], 'Policy: default\n');
    const isUnknown = policy !== 'done' && !policy.includes('does not exist');
    return { lacking, policy: isUnknown ? undefined : policy === 'done' };
  } finally {
    session.close();
  }
}

const SUCCESS: Readonly<Record<string, (principal: string) => string>> = {
  add_principal: (principal) => `Principal "${principal}" created.`,
  delete_principal: (principal) => `Principal "${principal}" deleted.`,
};

const notAsked = (said: string) =>
  new CeoError('unreachable', printable(said.trim().split('\n').at(-1) ?? said));
