/** What is tried: rules of docs/protocol.md, by their numbers there. */

/** Whom a rule with this letter binds: S the server, C the client, B both. */
export type Number<Side extends 'server' | 'client'> =
  `${(Side extends 'server' ? 'S' : 'C') | 'B'}${number}`;

/** A rule, for one of those whom it binds, and a way to break it that a peer must not take. */
export interface Case<Side extends 'server' | 'client', Peer> {
  readonly number: Number<Side>;
  readonly binds: Side;
  readonly sentence: string;
  /** @throws Broken, NotTried */
  readonly try: (peer: Peer) => Promise<void>;
}

/** The peer does not keep the rule; the message says what it did. */
export class Broken extends Error {
  override readonly name: string = 'Broken';
}

/** The rule cannot be tried with what was given; the message says what is missing. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** @throws Broken */
export function demand(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Broken(why);
}

export interface Verdict {
  readonly outcome: 'kept' | 'broken' | 'not tried';
  /** Of what is not kept. */
  readonly why?: string;
}

/** @throws whatever is not the peer's doing: the tool cannot go on then */
export async function verdictOn<Side extends 'server' | 'client', Peer>(
  each: Case<Side, Peer>,
  peer: Peer,
): Promise<Verdict> {
  try {
    await each.try(peer);
    return { outcome: 'kept' };
  } catch (error) {
    if (error instanceof Broken) return { outcome: 'broken', why: error.message };
    if (error instanceof NotTried) return { outcome: 'not tried', why: error.message };
    throw error;
  }
}
