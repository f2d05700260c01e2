/**
 * Commands as data, the way urfave/cli declares them: name, usage, arguments,
 * flags, action, sub-commands, examples. What turns them into a parser is in
 * parser.ts, and nothing else knows which library that is.
 */
import type { CommandContext } from './context.js';
import type { Report } from './result.js';

interface FlagOf<T> {
  readonly usage: string;
  readonly alias?: string;
  /** Without a default, a flag that is not given is undefined. */
  readonly default?: T;
}

export type Flag =
  | ({ readonly type: 'string' } & FlagOf<string>)
  | ({ readonly type: 'integer'; readonly min: number; readonly max: number } & FlagOf<number>)
  | ({ readonly type: 'boolean' } & FlagOf<boolean>)
  /** May be given several times. */
  | ({ readonly type: 'strings' } & Omit<FlagOf<never>, 'default'>);

export type Flags = Readonly<Record<string, Flag>>;

export interface Argument {
  readonly usage: string;
  /** May be left out: the action asks for it, or has a default. */
  readonly optional?: boolean;
  /** Any number of them; the last argument alone. */
  readonly variadic?: boolean;
  /** What completion offers for it. */
  readonly complete?: Completion;
}

/** What the shell can complete from the directory, or from us. */
export type Completion = 'username' | 'group' | 'term' | 'position' | 'shell';

export type Arguments = Readonly<Record<string, Argument>>;

type TypeOf<F extends Flag> = F['type'] extends 'string'
  ? string
  : F['type'] extends 'integer'
    ? number
    : F['type'] extends 'strings'
      ? readonly string[]
      : boolean;

type FlagValue<F extends Flag> = F extends { type: 'boolean' | 'strings' }
  ? TypeOf<F>
  : F extends { default: unknown }
    ? TypeOf<F>
    : TypeOf<F> | undefined;

/** What an action receives: arguments and flags by name. */
export type Values<A extends Arguments, F extends Flags> = {
  readonly [N in keyof A]: A[N] extends { variadic: true }
    ? readonly string[]
    : A[N] extends { optional: true }
      ? string | undefined
      : string;
} & { readonly [N in keyof F]: FlagValue<F[N]> };

export interface Example {
  readonly command: string;
  readonly usage: string;
}

export interface Command<A extends Arguments = Arguments, F extends Flags = Flags, L = unknown> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, for the list of commands. */
  readonly usage: string;
  readonly arguments?: A;
  readonly flags?: F;
  readonly examples?: readonly Example[];
  readonly subcommands?: readonly Command[];
  /** Whether it changes something: its failures say whether they have. */
  readonly changes?: boolean;
  /** What the action works with, loaded only then: `--help` must not wait for LDAP. */
  readonly load?: () => Promise<L>;
  readonly action?: (
    values: Values<A, F>,
    context: CommandContext,
    loaded: Awaited<L>,
  ) => Promise<Report>;
}

/** Declares a command; its action's values are typed by its arguments and flags. */
export function command<const A extends Arguments, const F extends Flags, L = undefined>(
  declaration: Command<A, F, L>,
): Command {
  return declaration as unknown as Command;
}
