/** What ceo asks of a new account before anything is sent: ceod's rules, and some more. */
import { forwardAddressProblem, type ForwardRules } from './forwardAddress.js';
import { FIELDS, PERSON, type FieldName, type Given, type Rule } from './person.js';
import {
  asciiProblem,
  newUsernameProblem,
  passwordProblem,
  phoneProblem,
  textProblem,
} from './rules.js';

/** What a new account is asked for with; what does not apply is left out. */
export interface NewAccountFields extends Given {
  readonly username: string;
  readonly password?: string;
}

export interface NewAccountRules extends ForwardRules {
  readonly usernameRegex: RegExp;
  readonly minPasswordLength: number;
  /** In characters. */
  readonly minUsernameLength: number;
  readonly minNameLength: number;
}

type Problem = string | undefined;

/** Every field that breaks a rule, with what is wrong: one check for all that ask for accounts. */
export function newAccountProblems(
  account: NewAccountFields,
  rules: NewAccountRules,
): (readonly [field: keyof NewAccountFields, problem: string])[] {
  const { username, password } = account;
  const looked: (readonly [field: keyof NewAccountFields, problem: Problem])[] = [
    ['username', usernameProblem(username, rules)],
    ...FIELDS.map(
      (field) => [field, fieldProblem(field, account[field] ?? '', username, rules)] as const,
    ),
    [
      'password',
      password === undefined ? undefined : passwordProblem(password, rules.minPasswordLength),
    ],
  ];
  return looked.flatMap(([field, problem]) => (problem === undefined ? [] : [[field, problem]]));
}

type Check = (text: string, username: string, rules: NewAccountRules) => Problem;

const CHECKS: Readonly<Record<Rule, Check>> = {
  name: nameProblem,
  program: (program) => textProblem(program) ?? asciiProblem(program),
  forward: forwardAddressProblem,
  phone: phoneProblem,
};

/** What is wrong with a field of a person; what is not needed may be empty. @param username whose it is */
export function fieldProblem(
  field: FieldName,
  text: string,
  username: string,
  rules: NewAccountRules,
): Problem {
  const { needed, rule } = PERSON[field];
  return text === '' && !needed ? undefined : CHECKS[rule](text, username, rules);
}

export function usernameProblem(
  username: string,
  { usernameRegex, minUsernameLength }: NewAccountRules,
): Problem {
  return (
    needed(username) ??
    newUsernameProblem(username, usernameRegex) ??
    tooShort(username, minUsernameLength)
  );
}

/** @param username as which the name would be no name */
export function nameProblem(
  name: string,
  username: string,
  { minNameLength }: Pick<NewAccountRules, 'minNameLength'>,
): Problem {
  const given = name.trim();
  return (
    needed(given) ??
    textProblem(given) ??
    tooShort(given, minNameLength) ??
    (given === username.trim() ? 'it is the username; give the name in full' : undefined)
  );
}

const needed = (text: string): Problem => (text.trim() === '' ? 'it is needed' : undefined);

const tooShort = (text: string, least: number): Problem =>
  Array.from(text).length < least ? `at least ${least} characters are needed` : undefined;
