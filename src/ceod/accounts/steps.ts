/**
 * The steps of a new account, in their order, each with its undo (see
 * ../transaction.ts). Undo removes only what is provably this account's.
 */
import { lstat } from 'node:fs/promises';
import { CeoError, messageOf } from '../../errors.js';
import { AddUser_Type as Type } from '../../generated/ceo/ceo_pb.js';
import {
  clubSettings,
  memberSettings,
  type AccountsSettings,
  type CeodSettings,
} from '../../config/settings.js';
import {
  addAccount,
  addGroup,
  addSudoRule,
  deleteAccount,
  deleteAccountOfPlan,
  deleteGroup,
  deleteGroupOfPlan,
  deleteSudoRule,
  isOfPlan,
} from '../../directory/accounts.js';
import type { SiteDirectory } from '../../directory/siteDirectory.js';
import type { OwnId } from '../../directory/idNumbers.js';
import type { UidCounter } from '../../directory/ids.js';
import type { Kadmin } from '../../kerberos/kadmin.js';
import { run } from '../../process/run.js';
import { Status } from '../../protocol/status.js';
import { statusOfUnchanged } from '../base/refusal.js';
import { NotProvable, StepFailed, type Step } from './transaction.js';
import { buildHome, installHome, isTaken, removeHome, type HomePlan } from './home.js';
import { atHomes } from './homesTurn.js';
import { isClub, type AccountPlan, type AccountSecrets } from './plan.js';

export interface StepServices {
  readonly accounts: AccountsSettings;
  readonly ceod: CeodSettings;
  readonly directory: SiteDirectory;
  readonly kadmin: Kadmin;
  /** Of the uids of each kind. */
  readonly counters: Readonly<Record<'member' | 'club', UidCounter>>;
}

type AccountStep = Step<AccountPlan, AccountSecrets>;

/** Every step, in the order in which they are done; stepsFor says which an account needs. */
export function accountSteps(services: StepServices): readonly AccountStep[] {
  const { accounts, ceod, directory, kadmin, counters } = services;
  const kindOf = (plan: AccountPlan) =>
    isClub(plan.type) ? clubSettings(accounts) : memberSettings(accounts);
  const timeoutMs = ceod.stepTimeout * 1000;

  const homePlan = (plan: AccountPlan): HomePlan => ({
    home: plan.home,
    staging: plan.staging,
    uid: idOf(plan),
    gid: idOf(plan),
    skeleton: kindOf(plan).skeleton,
    forward: plan.forward === '' ? undefined : plan.forward,
    shared: isClub(plan.type),
  });

  const uid: AccountStep = {
    name: 'uid',
    async do(plan, { note }) {
      const id = await counters[isClub(plan.type) ? 'club' : 'member'].allocate();
      await note({ id });
      return `successfully reserved uid ${id}`;
    },
    // A number is never reused, so that there is nothing to give back.
    undo: () => Promise.resolve(undefined),
  };

  const isOurs = async (username: string) => {
    const info = await kadmin.get(username);
    return info?.lastModifiedBy === accounts.krb5AdminPrincipal ? info : undefined;
  };

  const principal: AccountStep = {
    name: 'principal',
    async do({ username }, { secrets }) {
      await kadmin.createDisabled(username, secrets.password);
      return 'successfully created principal';
    },
    async undo({ username }) {
      const info = await isOurs(username);
      if (info?.disabled !== true) return undefined;
      await kadmin.remove(username);
      return 'removed the principal again';
    },
  };

  const home: AccountStep = {
    name: 'home',
    async do(plan, { note }) {
      const inode = await atHomes(timeoutMs, () => buildHome(homePlan(plan), timeoutMs));
      await note({ homeInode: String(inode) });
      await atHomes(timeoutMs, () => installHome(homePlan(plan)));
      return 'successfully created home directory';
    },
    async undo(plan) {
      const inode =
        plan.homeInode === undefined
          ? await atHomes(timeoutMs, () => inodeOfPlan(plan))
          : BigInt(plan.homeInode);
      const done = await atHomes(timeoutMs, () => removeHome(plan, inode, timeoutMs));
      return done ? 'removed the home directory again' : undefined;
    },
  };

  const group: AccountStep = {
    name: 'group',
    async do(plan) {
      await addGroup(directory, { username: plan.username, id: idOf(plan) });
      return 'successfully created ldap group';
    },
    async undo(plan) {
      const { id, username, startedAt } = plan;
      const done =
        id === undefined
          ? provably(await deleteGroupOfPlan(directory, username, startedAt), 'its group')
          : await deleteGroup(directory, username, id);
      return done ? 'removed the ldap group again' : undefined;
    },
  };

  const sudoRule: AccountStep = {
    name: 'sudo rule',
    async do({ username }) {
      await addSudoRule(directory, username);
      return 'successfully created sudo rule';
    },
    async undo({ username }) {
      const done = await deleteSudoRule(directory, username);
      return done ? 'removed the sudo rule again' : undefined;
    },
  };

  const account: AccountStep = {
    name: 'account',
    async do(plan) {
      await addAccount(directory, {
        ...plan,
        kind: isClub(plan.type) ? 'club' : 'member',
        id: idOf(plan),
        shell: kindOf(plan).shell,
      });
      return 'successfully created ldap account';
    },
    async undo(plan) {
      const { id, username, startedAt } = plan;
      const done =
        id === undefined
          ? provably(await deleteAccountOfPlan(directory, plan, startedAt), 'its entry')
          : await deleteAccount(directory, username, id);
      return done ? 'removed the ldap account again' : undefined;
    },
  };

  const quota: AccountStep = {
    name: 'quota',
    async do(plan) {
      const prototype = isClub(plan.type) ? ceod.clubQuotaPrototype : ceod.memberQuotaPrototype;
      await setQuota(ceod.quotaCommand ?? [], prototype, idOf(plan), timeoutMs);
      return 'successfully set quota';
    },
    // It belongs to a uid that nobody will have.
    undo: () => Promise.resolve(undefined),
  };

  const enable: AccountStep = {
    name: 'enable',
    async do({ username, mustChange = false }) {
      await kadmin.enable(username, { mustChange });
      return mustChange
        ? 'successfully enabled principal, whose password must be changed at the first login'
        : 'successfully enabled principal';
    },
    async undo({ username }) {
      const info = await isOurs(username);
      if (info === undefined || info.disabled) return undefined;
      await kadmin.disable(username);
      return 'disabled the principal again';
    },
  };

  return [
    failingWith(Status.ELDAP, uid),
    failingWith(Status.EKERB, principal),
    failingWith(Status.EHOME, home),
    failingWith(Status.ELDAP, group),
    failingWith(Status.ELDAP, sudoRule),
    failingWith(Status.ELDAP, account),
    failingWith(Status.EQUOTA, quota),
    failingWith(Status.EKERB, enable),
  ];
}

/** The names of the steps that a type of account needs, in order. */
export function stepsFor(type: Type, hasQuota: boolean): string[] {
  const quota = hasQuota ? ['quota'] : [];
  return isClub(type)
    ? ['uid', 'home', 'group', 'sudo rule', 'account', ...quota]
    : ['uid', 'principal', 'home', 'group', 'account', ...quota, 'enable'];
}

function idOf({ id, username }: AccountPlan): OwnId {
  if (id === undefined) throw new Error(`no uid is reserved for ${username}`);
  return id;
}

/** The home that stands in its place, by its time: where the record of its inode is lost. */
async function inodeOfPlan({ home, startedAt }: AccountPlan): Promise<bigint | undefined> {
  if (!(await isTaken(home))) return undefined;
  const { ino, birthtimeMs } = await lstat(home, { bigint: true });
  provably(isOfPlan(Number(birthtimeMs), startedAt) ? true : 'foreign', home);
  return ino;
}

/** @throws NotProvable */
function provably(done: boolean | 'foreign', what: string): boolean {
  if (done !== 'foreign') return done;
  throw new NotProvable(`it cannot be told whether ${what} was made by it`);
}

/** Gives the failures of a step their status, and says which step it was. */
function failingWith(status: number, step: AccountStep): AccountStep {
  return {
    ...step,
    async do(plan, tools) {
      try {
        return await step.do(plan, tools);
      } catch (error) {
        const exists = error instanceof CeoError && error.code === 'exists';
        const why = messageOf(error);
        throw new StepFailed(
          statusOfUnchanged(error, status),
          `unable to create ${DESCRIPTION[step.name] ?? step.name} for ${plan.username}: ${why}`,
          exists ? 'nothing' : 'maybe',
          error,
        );
      }
    },
  };
}

const DESCRIPTION: Readonly<Record<string, string>> = {
  uid: 'a uid',
  principal: 'principal',
  home: 'home directory',
  group: 'ldap group',
  'sudo rule': 'sudo rule',
  account: 'ldap account',
  quota: 'quota',
  enable: 'tickets',
};

async function setQuota(
  command: readonly string[],
  prototype: string,
  uid: OwnId,
  timeoutMs: number,
): Promise<void> {
  const [program = '', ...args] = command.map((word) =>
    word.replace('{prototype}', prototype).replace('{uid}', String(uid)),
  );
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C' };
  const result = await run(program, args, { env, timeoutMs });
  if (result.timedOut) throw new Error('the quota command took too long');
  if (result.status !== 0) throw new Error(result.stderr.trim() || 'the quota command failed');
}
