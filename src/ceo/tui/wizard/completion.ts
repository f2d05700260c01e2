/** What Tab makes of a line: as much of it as all candidates have in common. */
import type { Context } from '../../context.js';
import type { Line } from '../lineEditor.js';
import type { Field, Values } from './wizard.js';

export interface Completed {
  readonly line: Line;
  /** What it could become. */
  readonly offered: readonly string[];
}

/** Nobody is bothered with an error about what Tab would have done: nothing is offered then. */
export async function completeLine<V extends Values>(
  { complete, words }: Field<V>,
  line: Line,
  context: Context,
  values: V,
): Promise<Completed> {
  const before = line.text.slice(0, line.cursor);
  const start = words === true ? before.search(/[^\s,]*$/) : 0;
  const typed = before.slice(start);
  const offered = (await complete?.(typed, context, values).catch(() => [])) ?? [];
  if (offered.length === 0) return { line, offered };
  const completed = commonPrefix(offered);
  if (!completed.startsWith(typed)) return { line, offered };
  const text = line.text.slice(0, start) + completed + line.text.slice(line.cursor);
  return { line: { text, cursor: start + completed.length }, offered };
}

function commonPrefix([first = '', ...rest]: readonly string[]): string {
  let length = first.length;
  for (const each of rest) {
    while (!each.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}
