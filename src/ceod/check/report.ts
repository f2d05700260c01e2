/** What was found, for people and for programs (docs/check.md), and the exit status that it comes to. */
import { printable, printableJson } from '../../printable.js';
import { acceptanceOf, type Acceptance } from './accepted.js';
import type { Examined } from './examine.js';
import type { Finding } from './finding.js';

export const FINE = 0;
export const FOUND = 1;
export const NOT_ASKED = 2;

type Judged = Finding & { readonly accepted?: Acceptance };

export interface Report {
  readonly hostname: string;
  readonly fine: readonly Pick<Examined, 'name' | 'about'>[];
  readonly findings: readonly Judged[];
}

/** What could not be asked is accepted by nobody. */
export function reportOn(
  hostname: string,
  examined: readonly Examined[],
  accepted: readonly Acceptance[],
): Report {
  const judge = (finding: Finding): Judged => {
    const acceptance = finding.kind === 'unasked' ? undefined : acceptanceOf(finding.id, accepted);
    return acceptance === undefined ? finding : { ...finding, accepted: acceptance };
  };
  return {
    hostname,
    fine: examined.filter(({ findings }) => findings.length === 0),
    findings: examined.flatMap(({ findings }) => findings.map(judge)),
  };
}

export function statusOf({ findings }: Report): number {
  if (findings.some(({ kind }) => kind === 'unasked')) return NOT_ASKED;
  const counts = ({ kind, accepted }: Judged) => kind === 'fault' && accepted === undefined;
  return findings.some(counts) ? FOUND : FINE;
}

/** Commands are not to be cut. */
const MAX_LENGTH = 20_000;

export const inWords = ({ fine, findings }: Report): string =>
  [...fine.map(({ name, about }) => `fine: ${name}: ${about}`), ...findings.map(line)]
    .map((each) => `${printable(each, MAX_LENGTH)}\n`)
    .join('');

function line(finding: Judged): string {
  const { id, kind, accepted } = finding;
  const what = finding.what.replace(/\.$/, '');
  if (finding.kind === 'unasked') return `not asked: ${id}: ${what}.`;
  const how =
    accepted === undefined ? kind : `accepted until ${accepted.until} (${accepted.reason})`;
  return `${how}: ${id}: ${what}. Mend it with: ${finding.mend}`;
}

export const inJson = (report: Report): string =>
  `${printableJson({
    host: report.hostname,
    status: statusOf(report),
    fine: report.fine.map(({ name }) => name),
    findings: report.findings.map(({ accepted, ...finding }) => ({
      ...finding,
      ...(accepted !== undefined && {
        accepted: { until: accepted.until, reason: accepted.reason },
      }),
    })),
  })}\n`;
