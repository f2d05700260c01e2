/** Who may use an op, in words: of its rights in the proto (docs/protocol.md §4.4). */
import { Right } from '../generated/ceo/op_pb.js';
import type { Op } from './ops.js';

const WORDS: Readonly<Record<Right, string>> = {
  [Right.ONESELF]: 'oneself',
  [Right.OFFICE]: 'office',
  [Right.OFFICE_EXCEPT_FOR_SYSCOM]: 'office, but not for members of syscom',
  [Right.OFFICE_EXCEPT_FOR_STAFF]: 'office, but not for members of office and syscom',
  [Right.SYSCOM]: 'syscom',
  [Right.CLUB_MEMBER]: 'for a club, the members of its group',
  [Right.ANYBODY]: 'everybody',
};

export const whoMay = ({ rights }: Pick<Op, 'rights'>): string =>
  rights.map((right) => WORDS[right]).join('; ');

/** What somebody is, on whom rights depend. */
export interface Staff {
  readonly office: boolean;
  readonly syscom: boolean;
}

/** Whether staff may use an op for others than themselves, at least for some. */
export const mayUse = ({ rights }: Pick<Op, 'rights'>, { office, syscom }: Staff): boolean =>
  (syscom && rights.includes(Right.SYSCOM)) ||
  (office && OFFICE_RIGHTS.some((right) => rights.includes(right)));

const OFFICE_RIGHTS = [Right.OFFICE, Right.OFFICE_EXCEPT_FOR_SYSCOM, Right.OFFICE_EXCEPT_FOR_STAFF];
