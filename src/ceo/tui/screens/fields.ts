/** Fields that several wizards have. */
import { formatTerm, MAX_TERMS, termOf } from '../../../directory/terms.js';
import { nameProblem, usernameProblem } from '../../../newAccount.js';
import { about, type FieldName } from '../../../person.js';
import { passwordProblem } from '../../../rules.js';
import { forwardProblemOf } from '../../actions/mail.js';
import { allGroups } from '../../actions/groups.js';
import { searchPeople } from '../../actions/people.js';
import { fieldProblemAt } from '../../actions/signUp.js';
import type { Context } from '../../context.js';
import type { Field, Problem } from '../wizard/wizard.js';

/** Somebody who has an account. */
export const existing = {
  name: 'username',
  label: 'Username',
  complete: accountNames,
  check: accountProblem,
} as const satisfies Field<{ username: string }>;

export async function accountNames(typed: string, context: Context): Promise<string[]> {
  const people = await searchPeople(context, {});
  return people.map(({ username }) => username).filter((name) => name.startsWith(typed));
}

export async function groupNames(typed: string, context: Context): Promise<string[]> {
  const groups = await allGroups(context);
  return groups.map(({ name }) => name).filter((name) => name.startsWith(typed));
}

async function accountProblem(
  username: string,
  _values: object,
  context: Context,
): Promise<Problem> {
  const account = await context.findAccount(username.trim());
  return account === undefined ? (await context.noAccount(username.trim())).message : undefined;
}

/** Several of them. */
export async function accountsProblem(
  usernames: string,
  _values: object,
  context: Context,
): Promise<Problem> {
  for (const username of wordsOf(usernames)) {
    const problem = await accountProblem(username, {}, context);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** A username that nobody has. */
export async function newUsername(
  value: string,
  _values: object,
  context: Context,
): Promise<Problem> {
  const username = value.trim();
  const problem = usernameProblem(username, await rulesOf(context));
  if (problem !== undefined) return sentence(problem);
  const account = await context.findAccount(username);
  return account && `There is an account ${username} already: ${account.realname}.`;
}

/** The name of a new member or club. */
export const newName = async (
  value: string,
  { username = '' }: { readonly username?: string },
  context: Context,
): Promise<Problem> => sentence(nameProblem(value, username, await rulesOf(context)));

/** A field of a person who is signed up. */
export const personField = (field: FieldName) => {
  const { label, needed, hint } = about(field);
  return {
    name: field,
    label,
    ...(!needed && { optional: true }),
    ...(hint !== undefined && { hint }),
    check: async (value: string, { username }: { readonly username: string }, context: Context) =>
      sentence(await fieldProblemAt(context, field, value.trim(), username.trim())),
  } as const satisfies Field<Record<FieldName | 'username', string>>;
};

/** Where mail of somebody is to be forwarded to. */
export const email = async (
  value: string,
  { username = '' }: { readonly username?: string },
  context: Context,
): Promise<Problem> => sentence(await forwardProblemOf(context, username.trim(), value.trim()));

const rulesOf = async (context: Context) => (await context.site()).rules;

export async function password(value: string, _values: object, context: Context): Promise<Problem> {
  const { minPasswordLength } = await rulesOf(context);
  return sentence(passwordProblem(value, minPasswordLength));
}

/** How many terms. */
export const terms = {
  name: 'terms',
  label: 'Terms',
  range: [1, MAX_TERMS],
} as const satisfies Field<{ terms: string }>;

export const currentTerm = (): string => formatTerm(termOf(new Date()));

/** A rule's words as a sentence. */
export function sentence(problem: string): string;
export function sentence(problem: Problem): Problem;
export function sentence(problem: Problem): Problem {
  if (problem === undefined) return undefined;
  const text = problem.charAt(0).toUpperCase() + problem.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
