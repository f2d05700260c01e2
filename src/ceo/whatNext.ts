/** What an error leaves open: whether anything was changed, and what to do. */
import type { CeoError, ErrorCode } from '../errors.js';

/** A sentence; undefined if the error says so itself. */
export function whatWasChanged({ code, message, next = '' }: CeoError): string | undefined {
  const changed = CHANGED[code];
  if (changed !== undefined) return changed;
  return /nothing was changed/i.test(message + next) ? undefined : 'Nothing was changed.';
}

const CHANGED: Partial<Record<ErrorCode, string>> = {
  outcome_unknown: 'It may or may not have been done: check before you try again.',
  partly_failed: 'What was done before stands.',
};

/** What to do about an error that does not say it. */
export const whatNext = (code: ErrorCode): string | undefined => NEXT[code];

const NEXT: Partial<Record<ErrorCode, string>> = {
  denied: 'Ask somebody who may do this.',
  exists: 'Choose another name, or look at what there is.',
  not_found: 'Check the spelling.',
  usage: 'Correct it, and try again.',
  failed: 'Correct what it names, and try again; or tell the systems committee.',
};
