/** What is being changed just now, for whoever is interrupted meanwhile. */
import { checkAccount } from '../ceoc/whetherDone.js';

/** A change whose outcome nobody will be told of who leaves before its end. */
export interface UnderWay {
  /** As the middle of a sentence: `the sign-up of alice`. */
  readonly what: string;
  /** How to find out what was done, or that it may be done again: a sentence. */
  readonly check: string | undefined;
  /** The command that does what may be missing. */
  readonly finish?: string;
}

export const registrationOf = (username: string): UnderWay => ({
  what: `the registration of ${username}`,
  check: checkAccount(username),
});

/** What to tell whoever interrupts it. */
export function interrupted({ what, check, finish }: UnderWay): string[] {
  return [
    `Interrupted: ${what} was under way, and may or may not have been done.`,
    ...(check === undefined ? [] : [check]),
    ...(finish === undefined ? [] : [`To finish: ${finish}`]),
  ];
}
