/** Things that can be wrong by themselves: told all at once, so that they are mended at once. */
import { CeoError } from '../../errors.js';

type Looks = Readonly<Record<string, () => unknown>>;
type Seen<T extends Looks> = { readonly [K in keyof T]: Awaited<ReturnType<T[K]>> };

/** Looks at all of it, in turn. @throws CeoError, which tells whatever was wrong */
export async function together<T extends Looks>(looks: T): Promise<Seen<T>> {
  const seen: Record<string, unknown> = {};
  const problems: CeoError[] = [];
  for (const [name, look] of Object.entries(looks)) {
    try {
      seen[name] = await look();
    } catch (error) {
      if (!(error instanceof CeoError)) throw error;
      problems.push(error);
    }
  }
  const [only] = problems;
  if (only === undefined) return seen as Seen<T>;
  const messages = new Set(problems.map(({ message }) => message));
  if (messages.size === 1) throw only;
  const nexts = new Set(problems.flatMap(({ next }) => next ?? []));
  const told = [...messages].map((message) => message.replace(/\.$/, '')).join('; and ');
  throw new CeoError('config', `${told}.`, { next: [...nexts].join(' And: ') });
}
