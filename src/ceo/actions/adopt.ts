/** Making people and groups that other tools have made those of ceo: one change of one entry each. */
import {
  adoptAccount,
  adoptGroup,
  findStrangers,
  remadeGroup,
  type StrangeGroup,
} from '../../directory/strangers.js';
import { CeoError, messageOf } from '../../errors.js';
import { shellWord } from '../../shellWord.js';
import type { Context } from '../context.js';

export interface Adoption {
  readonly what: 'account' | 'group';
  readonly name: string;
  /** uidNumber or gidNumber. */
  readonly number: number | undefined;
  readonly outcome: 'adoptable' | 'adopted' | 'to be remade' | 'left alone';
  /** Of an account: what it is from then on. */
  readonly kind?: 'member' | 'club';
  /** Of a group: who is put into it by uniqueMember. */
  readonly added?: readonly string[];
  /** Of a group: what memberUid has and is no account. */
  readonly unknown?: readonly string[];
  readonly why?: string;
  /** Of a group that is to be remade. */
  readonly ldif?: readonly string[];
}

export interface Adoptions {
  readonly adoptions: readonly Adoption[];
  readonly problem: CeoError | undefined;
}

/**
 * Looks through all accounts and groups of the directory.
 * @param run whether they are changed
 * @throws CeoError denied, unreachable…: nothing was changed
 */
export async function adopt(
  context: Context,
  { run }: { readonly run: boolean },
): Promise<Adoptions> {
  const { directory, ranges, settings } = await context.site();
  const staff = [settings.officeGroup, settings.syscomGroup];
  const isStaff = ({ name }: StrangeGroup) => staff.includes(name.toLowerCase());
  const found = await findStrangers(directory, ranges);
  const candidates = [
    ...found.accounts.map((account) => {
      const { name, number, hindrance, kind } = account;
      const told = { what: 'account' as const, name, number };
      if (kind === undefined || hindrance !== undefined)
        return { told: { ...told, outcome: 'left alone' as const, why: hindrance ?? '' } };
      return { told: { ...told, kind }, change: () => adoptAccount(directory, account, kind) };
    }),
    ...found.groups.map((each) => {
      const group = isStaff(each) ? { ...each, missing: [] } : each;
      const { name, number, missing: added, unknown } = group;
      const told = { what: 'group' as const, name, number, added, unknown };
      if (group.hasGroupClass && isStaff(group))
        return { told: { ...told, outcome: 'left alone' as const, why: gives(each) } };
      const why = whyRemade(group, found.posixGroupIsStructural);
      if (why === undefined) return { told, change: () => adoptGroup(directory, group) };
      const ldif = remadeGroup(directory.bases, group);
      return { told: { ...told, outcome: 'to be remade' as const, why, ldif } };
    }),
  ];
  const underWay = {
    what: 'the adoption of accounts and groups',
    check: 'The same command again does what is missing.',
  };
  const adoptions: Adoption[] = [];
  for (const { told, change } of candidates) {
    if (change === undefined) {
      adoptions.push(told);
      continue;
    }
    try {
      if (run) await context.change(underWay, change);
    } catch (error) {
      if (!adoptions.some(({ outcome }) => outcome === 'adopted')) throw error;
      return { adoptions, problem: stopped(told.name, error) };
    }
    adoptions.push({ ...told, outcome: run ? 'adopted' : 'adoptable' });
  }
  return { adoptions, problem: undefined };
}

/** Whoever may change memberUid need not be one who may make people staff. */
const gives = ({ name, missing }: StrangeGroup): string =>
  `it gives rights, and memberUid alone has ${missing.join(', ')}: ceo groups add ${shellWord(name)}`;

/** An entry keeps its structural class for ever: RFC 4512 §2.4.2. */
function whyRemade(
  { obstacle }: StrangeGroup,
  posixGroupIsStructural: boolean,
): string | undefined {
  if (obstacle === undefined) return undefined;
  const why = `its structural class, ${obstacle}, cannot become group in place`;
  return posixGroupIsStructural
    ? `${why}; and posixGroup of the server excludes group, until it is that of rfc2307bis (ceod-setup)`
    : why;
}

const stopped = (name: string, cause: unknown) =>
  new CeoError('partly_failed', `Stopped at ${name}: ${messageOf(cause)}`, {
    next: 'What was changed before stands.',
    cause,
  });
