/** What a part of the check comes to, apart from that all is fine. */
import { messageOf } from '../../errors.js';

export type Finding =
  | {
      /** A remark costs somebody a feature; a fault costs somebody an operation, or safety. */
      readonly kind: 'fault' | 'remark';
      /** Stable, as docs/check.md has it: the name of the part, and what of it. */
      readonly id: string;
      readonly what: string;
      /** The command that mends it. */
      readonly mend: string;
    }
  | {
      /** It could not be asked: nobody knows whether it is fine. */
      readonly kind: 'unasked';
      readonly id: string;
      readonly what: string;
    };

export const fault = (id: string, what: string, mend: string): Finding => ({
  kind: 'fault',
  id,
  what,
  mend,
});

export const remark = (id: string, what: string, mend: string): Finding => ({
  kind: 'remark',
  id,
  what,
  mend,
});

export const unasked = (id: string, why: unknown): Finding => ({
  kind: 'unasked',
  id,
  what: typeof why === 'string' ? why : messageOf(why),
});
