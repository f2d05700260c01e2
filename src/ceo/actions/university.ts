/** Asking the university about people: what a sign-up can offer, and programs that have changed. */
import type { Account } from '../../directory/accounts.js';
import type { Person, University } from '../../directory/university.js';
import { CeoError, messageOf } from '../../errors.js';
import type { Context } from '../context.js';

// Loaded by the command that needs them: --help must not wait for LDAP.
const accountsModule = () => import('../../directory/accounts.js');
const universityModule = () => import('../../directory/university.js');

/** Never fails: a sign-up goes on without. @returns undefined if the university says nothing */
export async function whatUniversityKnows(
  context: Context,
  username: string,
): Promise<Person | undefined> {
  const university = await context.university();
  if (university === undefined) return undefined;
  const { isStorable, TIMEOUT_MS } = await universityModule();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
    timer = setTimeout(late, TIMEOUT_MS);
  });
  try {
    const person = await Promise.race([university.lookUp(username), deadline]);
    if (person?.program === undefined || isStorable(person.program)) return person;
    return { ...person, program: undefined };
  } catch (error) {
    const reason = messageOf(error);
    context.attendant.note(`The university's directory was not asked about ${username}: ${reason}`);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Usernames that begin with what was typed; none if the university cannot be asked. */
export async function universityUsernames(context: Context, typed: string): Promise<string[]> {
  const university = await context.university();
  return (await university?.usernames(typed)) ?? [];
}

export interface ProgramChange {
  readonly username: string;
  readonly from: string | undefined;
  readonly to: string;
}

export interface ProgramUpdate {
  /** Those that were made; in a dry run, those that would be. */
  readonly changes: readonly ProgramChange[];
  /** Whose program cannot be stored. */
  readonly skipped: readonly { readonly username: string; readonly program: string }[];
  readonly problem: CeoError | undefined;
}

/** How many are asked for at a time. */
const LOOKUPS = 10;

/**
 * Sets the programs of members to what the university says.
 * @param term of whom; undefined: of everybody
 * @throws CeoError config, unreachable, denied…: nothing was changed
 */
export async function updatePrograms(
  context: Context,
  { term, dryRun }: { readonly term: string | undefined; readonly dryRun: boolean },
): Promise<ProgramUpdate> {
  const university = await requireUniversity(context);
  const { directory } = await context.site();
  const { findAccounts, setProgram } = await accountsModule();
  const { isStorable } = await universityModule();
  const members = await findAccounts(directory, { kind: 'member', term });
  const different = await differentPrograms(university, members);
  const skipped = different
    .filter(({ program }) => !isStorable(program))
    .map(({ account: { username }, program }) => ({ username, program }));
  const changes: ProgramChange[] = [];
  const underWay = {
    what: 'the update of programs',
    check: 'The same command again makes what is missing.',
  };
  for (const { account, program } of different.filter((each) => isStorable(each.program))) {
    try {
      if (!dryRun) await context.change(underWay, () => setProgram(directory, account, program));
    } catch (error) {
      if (changes.length === 0) throw error;
      return { changes, skipped, problem: stopped(account, error) };
    }
    changes.push({ username: account.username, from: account.program, to: program });
  }
  return { changes, skipped, problem: undefined };
}

async function requireUniversity(context: Context): Promise<University> {
  const university = await context.university();
  if (university !== undefined) return university;
  throw new CeoError('config', 'The site names no directory of the university.', {
    next: 'Set university_ldap_url and university_ldap_base in ceod.cf.',
  });
}

/** Those whom the university knows with another program, in the order given. */
async function differentPrograms(
  university: University,
  members: readonly Account[],
): Promise<{ account: Account; program: string }[]> {
  const different: { account: Account; program: string }[] = [];
  for (let start = 0; start < members.length; start += LOOKUPS) {
    const found = await Promise.all(
      members.slice(start, start + LOOKUPS).map(async (account) => {
        const program = (await university.lookUp(account.username))?.program;
        return program === undefined || program === account.program ? [] : [{ account, program }];
      }),
    );
    different.push(...found.flat());
  }
  return different;
}

const stopped = ({ username }: Account, cause: unknown) =>
  new CeoError('partly_failed', `Stopped at ${username}: ${messageOf(cause)}`, {
    next: 'What was changed before stands.',
    cause,
  });
