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
};

export const whoMay = ({ rights }: Pick<Op, 'rights'>): string =>
  rights.map((right) => WORDS[right]).join('; ');
