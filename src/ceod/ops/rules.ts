/** The rules for fields as refusals: each check throws one that names the field. */
import {
  asciiProblem,
  forwardProblem,
  newUsernameProblem,
  passwordProblem,
  textProblem,
} from '../../rules.js';
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
