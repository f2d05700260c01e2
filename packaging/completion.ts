/** What Tab offers in bash and zsh for the programs that do not answer it themselves, as ceo does. */
import type { Command } from '../src/ceo/cli/command.js';

export interface Completed {
  readonly name: string;
  readonly options: readonly string[];
  /** Of the first word. */
  readonly words: readonly string[];
}

/** Of a program that is one command. */
export function completedOf({ name, flags = {} }: Command): Completed {
  const options = Object.entries(flags).flatMap(([flag, { alias }]) => [
    `--${flag}`,
    ...(alias === undefined ? [] : [`-${alias}`]),
  ]);
  return { name, options: [...options, '--help', '--version'], words: [] };
}

export const bash = ({ name, options, words }: Completed): string => `# ${name}: Tab in bash
complete -W '${[...words, ...options].join(' ')}' ${name}
`;

export const zsh = ({ name, options, words }: Completed): string => `#compdef ${name}
_arguments ${[...(words.length > 0 ? [`'1:operation:(${words.join(' ')})'`] : []), ...options.map((each) => `'${each}'`)].join(' ')} '*: :'
`;
