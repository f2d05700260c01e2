/** What the shell's Tab offers for arguments: usernames, groups, terms… */
import { formatTerm, termOf, type Term } from '../../directory/terms.js';
import type { CommandContext } from './context.js';
import { POSITIONS } from '../positions.js';
import type { Argument, Command, Completion } from './command.js';

/** Terms back and ahead of the current one. */
const TERMS_BACK = 6;
const TERMS_AHEAD = 3;

/**
 * @param words the words of the command line behind the program's name, the
 *   last of which is being typed
 * @returns undefined where there is no argument with completions of ours
 */
export async function completeArgument(
  root: Command,
  words: readonly string[],
  context: CommandContext,
): Promise<string[] | undefined> {
  const current = words.at(-1) ?? '';
  const kind = argumentAt(root, words)?.complete;
  if (kind === undefined || current.startsWith('-')) return undefined;
  const offered = await candidates(kind, context);
  return offered.filter((each) => each.startsWith(current));
}

/** The argument that the last word stands for. */
function argumentAt(root: Command, words: readonly string[]): Argument | undefined {
  let command = root;
  let position = -1;
  for (const word of words) {
    const sub = command.subcommands?.find(
      ({ name, aliases }) => name === word || aliases?.includes(word),
    );
    if (sub !== undefined) command = sub;
    else if (!word.startsWith('-') || word === words.at(-1)) position += 1;
  }
  const declared = Object.values(command.arguments ?? {});
  const last = declared.at(-1);
  return declared[position] ?? (last?.variadic === true ? last : undefined);
}

async function candidates(kind: Completion, context: CommandContext): Promise<string[]> {
  if (kind === 'position') return Object.keys(POSITIONS);
  if (kind === 'term') return terms();
  const { holdsTicket } = await import('../../gssapi/context.js');
  // Tab never asks for a password.
  if (!holdsTicket()) return [];
  switch (kind) {
    case 'username': {
      const { searchPeople } = await import('../actions/people.js');
      return (await searchPeople(context, {})).map(({ username }) => username);
    }
    case 'group': {
      const { allGroups } = await import('../actions/groups.js');
      return (await allGroups(context)).map(({ name }) => name);
    }
    case 'shell': {
      const { listShells } = await import('../actions/shells.js');
      return listShells(context);
    }
  }
}

function terms(): string[] {
  const now = termOf(new Date());
  const length = TERMS_BACK + 1 + TERMS_AHEAD;
  return Array.from({ length }, (_, index) => formatTerm((now - TERMS_BACK + index) as Term));
}
