/** What ceo asks of a new account before anything is sent: ceod's rules, and some more. */
import { forwardAddressProblem, type ForwardRules } from './forwardAddress.js';
import { asciiProblem, newUsernameProblem, passwordProblem, textProblem } from './rules.js';

/** What a new account is asked for with; what does not apply is left out. */
export interface NewAccountFields {
  readonly username: string;
  readonly realname: string;
  readonly program?: string;
  readonly email?: string;
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
  { username, realname, program = '', email = '', password }: NewAccountFields,
  rules: NewAccountRules,
): (readonly [field: keyof NewAccountFields, problem: string])[] {
  const problems: Readonly<Record<keyof NewAccountFields, Problem>> = {
    username: usernameProblem(username, rules),
    realname: nameProblem(realname, username, rules),
    program: textProblem(program) ?? asciiProblem(program),
    email: forwardAddressProblem(email, username, rules),
    password:
      password === undefined ? undefined : passwordProblem(password, rules.minPasswordLength),
  };
  return Object.entries(problems).flatMap(([field, problem]) =>
    problem === undefined ? [] : [[field as keyof NewAccountFields, problem] as const],
  );
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
