/** What actions came to, as wizards show it. */
import {
  consecutiveTerms,
  FEE_PER_TERM,
  formatTerm,
  termOf,
  type Registration,
} from '../../../directory/terms.js';
import type { SignUpResult } from '../../actions/signUp.js';
import { done, linesOfSteps } from '../components/Lines.js';
import type { Outcome } from '../wizard/wizard.js';

export function signUpOutcome(result: SignUpResult): Outcome {
  const { username, steps, terms, list, problem, finish } = result;
  return {
    lines: [
      ...linesOfSteps(steps),
      ...(terms.length === 0 ? [] : [done(`registered for ${terms.join(', ')}`)]),
      ...(list === undefined ? [] : [done(`mailing list: ${list}`)]),
      ...(problem === undefined ? [done(`${username} is ready.`)] : []),
    ],
    problem,
    finish,
  };
}

/** What so many terms cost: `6 dollars`; undefined: nothing. */
export const feeFor = (registration: Registration, count: string): string | undefined =>
  registration === 'member' ? `${(Number(count) || 0) * FEE_PER_TERM} dollars` : undefined;

/** The terms from the current one on: `f2026, w2027`. */
export function termsFromNow(count: string): string {
  const length = /^[1-9]\d?$/.test(count) ? Number(count) : 0;
  return consecutiveTerms(termOf(new Date()), length).map(formatTerm).join(', ');
}
