/** A term on the command line. */
import { CeoError } from '../../errors.js';
import { formatTerm, parseTerm, TERM_SYNTAX, termOf } from '../../directory/terms.js';

/** The current one if none was given. @throws CeoError usage */
export function requireTerm(text: string | undefined): string {
  if (text === undefined) return formatTerm(termOf(new Date()));
  const term = parseTerm(text.toLowerCase());
  if (term !== undefined) return formatTerm(term);
  throw new CeoError('usage', `"${text}" is no term.`, {
    next: TERM_SYNTAX,
  });
}
