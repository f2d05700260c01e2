/** The rules for fields as refusals: each check throws one that names the field. */
import {
  asciiProblem,
  forwardProblem,
  newUsernameProblem,
  passwordProblem,
  phoneProblem,
  textProblem,
} from '../../rules.js';
import { PERSON, type FieldName, type Rule } from '../../person.js';
import { invalid } from '../base/refusal.js';

function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw invalid(field, problem);
}

export const checkNewUsername = (field: string, username: string, pattern: RegExp) =>
  refuse(field, newUsernameProblem(username, pattern));

export const checkText = (field: string, text: string) => refuse(field, textProblem(text));

export const checkAscii = (field: string, text: string) => refuse(field, asciiProblem(text));

export const checkPassword = (field: string, password: string, minLength: number) =>
  refuse(field, passwordProblem(password, minLength));

export const checkForward = (field: string, forward: string) =>
  refuse(field, forwardProblem(forward));

function checkName(field: string, name: string): void {
  checkText(field, name);
  if (name.trim() === '') throw invalid(field, 'at least one character is needed');
}

function checkProgram(field: string, program: string): void {
  checkText(field, program);
  checkAscii(field, program);
}

const checkPhone = (field: string, phone: string) => refuse(field, phoneProblem(phone));

const CHECKS: Readonly<Record<Rule, (field: string, text: string) => void>> = {
  name: checkName,
  program: checkProgram,
  forward: checkForward,
  phone: checkPhone,
};

/** A field of a person; what is not needed may be empty. */
export function checkField(field: FieldName, text: string): void {
  const { needed, rule } = PERSON[field];
  if (text !== '' || needed) CHECKS[rule](field, text);
}
