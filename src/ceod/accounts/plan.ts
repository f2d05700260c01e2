/**
 * What is to be made for a new account: decided once, written to the journal,
 * and all that the steps and their undo need. It holds no password.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  clubSettings,
  idRanges,
  memberSettings,
  type AccountsSettings,
} from '../../config/settings.js';
import { ownId, type OwnId } from '../../directory/idNumbers.js';
import { AddUser_Type as Type } from '../../generated/ceo/ceo_pb.js';
import type { Request } from '../../protocol/ops.js';
import { Status } from '../../protocol/status.js';
import { exists, Refusal } from '../base/refusal.js';
import {
  detailsOf,
  PERSON,
  STORED,
  type FieldName,
  type Known,
  type StoredField,
} from '../../person.js';
import { isTaken } from './home.js';
import { atHomes } from './homesTurn.js';
import { nameIsInNss } from '../../process/nss.js';

/** Journals outlive the release that wrote them: what is added is optional. */
export interface AccountPlan extends Known<StoredField> {
  readonly type: Type;
  readonly username: string;
  /** Empty: none. Always empty for clubs. */
  readonly forward: string;
  readonly home: string;
  /** Where the home is built; see home.ts. */
  readonly staging: string;
  /** uid and gid, once they are reserved. */
  readonly id?: OwnId;
  /** Inode number of the home, once it is built. */
  readonly homeInode?: string;
  /** Whether the password must be changed at the first login. */
  readonly mustChange?: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface AccountSecrets {
  readonly password: string;
}

export interface PlanServices {
  readonly settings: AccountsSettings;
  readonly reservedNames: ReadonlySet<string>;
  /** What the directory has of that name: `user x`, `group x`, `sudo rule x`. */
  nameInDirectory(username: string): Promise<string | undefined>;
  principalExists(username: string): Promise<boolean>;
  /** What an earlier holder of that name has left, each with where, and who can clear it how. */
  tracesOf(username: string): Promise<readonly string[]>;
  readonly timeoutMs: number;
}

export const isClub = (type: Type): boolean => type === Type.CLUB;

/** Beside the home, so that it is renamed within one file system. */
const stagingName = (username: string, random: string) => `.ceod-${username}-${random}`;

/**
 * Why a plan that was read from the disk is none that planAccount made for that name: undo, which
 * runs as root, removes what a plan names. Undefined: it is one.
 */
export function planProblem(
  name: string,
  plan: AccountPlan,
  settings: AccountsSettings,
): string | undefined {
  const { type, username, home, staging, id, homeInode } = plan as Partial<AccountPlan>;
  if (typeof username !== 'string' || username !== name) return 'it is of another name';
  if (type !== Type.MEMBER && type !== Type.CLUB && type !== Type.CLUB_REP)
    return 'it is of no type of account';
  const kind = isClub(type) ? clubSettings(settings) : memberSettings(settings);
  // A name with a slash leads elsewhere; no account has one.
  if (username === '' || path.basename(username) !== username || username.startsWith('.'))
    return 'its name is none of an account';
  if (home !== path.join(kind.home, username)) return 'its home is not where homes are';
  const random = typeof staging === 'string' ? staging.slice(-12) : '';
  if (
    !/^[0-9a-f]{12}$/.test(random) ||
    staging !== path.join(kind.home, stagingName(username, random))
  )
    return 'it builds the home elsewhere';
  const range = idRanges(settings)[isClub(type) ? 'club' : 'member'];
  if (id !== undefined && ownId(id, range) === undefined) return 'its uid is outside the range';
  if (typeof plan.startedAt !== 'number') return 'it does not say when it began';
  if (homeInode !== undefined && !/^\d{1,20}$/.test(homeInode)) return 'its inode is no number';
  return undefined;
}

/** @throws Refusal if anything of that name exists already */
export async function planAccount(
  request: Request<'addUser'>,
  services: PlanServices,
): Promise<AccountPlan> {
  const { type, username } = request;
  const kind = isClub(type) ? clubSettings(services.settings) : memberSettings(services.settings);
  const home = path.join(kind.home, username);
  await refuseTaken(username, home, services);
  const staging = path.join(kind.home, stagingName(username, randomBytes(6).toString('hex')));
  const kept = (field: FieldName) =>
    isClub(type) && PERSON[field].ofClubs !== 'kept' ? '' : request[field];
  return {
    type,
    username,
    ...detailsOf(STORED, kept),
    forward: kept('email'),
    home,
    staging,
    ...(request.mustChange && !isClub(type) && { mustChange: true }),
    startedAt: Date.now(),
  };
}

/** @throws Refusal if a name is reserved, or something of it exists, or is left */
export async function refuseTaken(
  username: string,
  home: string,
  services: PlanServices,
): Promise<void> {
  if (services.reservedNames.has(username)) throw exists(`the name ${username} is reserved`);
  const [inNss, inDirectory, principal, homeExists, traces] = await Promise.all([
    nameIsInNss(username),
    services.nameInDirectory(username),
    services.principalExists(username),
    atHomes(services.timeoutMs, () => isTaken(home)),
    services.tracesOf(username),
  ]);
  if (inNss !== undefined) throw exists(`${inNss} ${username} already exists`);
  if (inDirectory !== undefined) throw exists(`${inDirectory} already exists in LDAP`);
  if (principal) {
    throw exists(
      `the principal ${username} already exists in Kerberos without an account; ` +
        `a member of syscom can remove it with: kadmin delprinc ${username}`,
    );
  }
  if (homeExists) {
    throw new Refusal(
      Status.EHOME,
      `${home} already exists; a member of syscom can move it out of the way`,
    );
  }
  if (traces.length > 0) throw exists(inheritance(username, traces));
}

/** Whether a name may be given; not, if that cannot be told. */
export async function nothingIsOf(username: string, services: PlanServices): Promise<boolean> {
  const { memberHome, clubHome } = services.settings;
  try {
    for (const parent of [memberHome, clubHome])
      await refuseTaken(username, path.join(parent, username), services);
    return true;
  } catch {
    return false;
  }
}

const MAX_TOLD = 8;

/** All of it, so that it is cleared at once and not one by one. */
function inheritance(username: string, traces: readonly string[]): string {
  const told = traces.slice(0, MAX_TOLD).join('; ');
  const more = traces.length > MAX_TOLD ? `; and ${traces.length - MAX_TOLD} more` : '';
  return `${username} would come into what an earlier holder of the name has left: ${told}${more}`;
}
