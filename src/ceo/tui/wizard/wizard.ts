/** A wizard as data: pages to fill in, what is shown before anything happens, and what is done. */
import type { CeoError } from '../../../errors.js';
import type { Progress } from '../../actions/progress.js';
import type { Context } from '../../context.js';
import type { Line } from '../components/Lines.js';
import type { Row } from '../components/Rows.js';

/** What is filled in, as text, by the names of the fields. */
export type Values = Readonly<Record<string, string>>;

/** A sentence about what is wrong. */
export type Problem = string | undefined;

export interface Field<V extends Values> {
  readonly name: keyof V & string;
  readonly label: string;
  /** Not shown while it is typed. */
  readonly secret?: true;
  /** May stay empty: always, or with these values. */
  readonly optional?: true | ((values: V) => boolean);
  /** Left and right count; from the first to the second of them. */
  readonly range?: readonly [least: number, most: number];
  /** Words with blanks or commas between them, of which each is completed. */
  readonly words?: true;
  /** What to know about it, shown while it is being filled in. */
  readonly hint?: string | ((values: V) => string);
  /** What is wrong with what was typed; it is not empty. */
  readonly check?: (value: string, values: V, context: Context) => Problem | Promise<Problem>;
  /** What Tab completes a beginning to. */
  readonly complete?: (typed: string, context: Context, values: V) => Promise<readonly string[]>;
}

/** What a page finds out when it is entered. */
export interface Found<V extends Values> {
  /** Suggestions: they never replace what was typed. */
  readonly values?: Partial<V>;
  readonly notes?: readonly string[];
}

export interface FormStep<V extends Values> {
  readonly heading: string;
  readonly fields: readonly Field<V>[] | ((values: V) => readonly Field<V>[]);
  readonly load?: {
    /** What is shown meanwhile: `Asking the university`. */
    readonly what: string;
    readonly run: (values: V, context: Context) => Promise<Found<V>>;
  };
}

export interface ChoiceStep<V extends Values> {
  readonly heading: string;
  /** The field that is chosen. */
  readonly choose: keyof V & string;
  readonly options: (values: V, context: Context) => Promise<readonly Option[]>;
}

export interface Option {
  readonly value: string;
  /** Whether it is so already: it is marked, and selected first. */
  readonly isCurrent: boolean;
}

export type Step<V extends Values> = FormStep<V> | ChoiceStep<V>;

/** What is shown before anything happens. */
export interface Review {
  readonly rows: readonly Row[];
  /** What to see to: the reminders. */
  readonly notes?: readonly string[];
  /** What Enter does: `Sign up`. */
  readonly confirm: string;
}

/** What a run works with, and tells how far it is. */
export interface Task extends Progress {
  readonly context: Context;
}

/** What a run came to. */
export interface Outcome {
  readonly rows?: readonly Row[];
  readonly lines: readonly Line[];
  readonly problem?: CeoError | undefined;
  /** The command that does what is missing. */
  readonly finish?: string | undefined;
}

export interface Wizard<V extends Values> {
  readonly title: string;
  readonly initial: V;
  readonly steps: readonly Step<V>[];
  /** Left out: there is nothing to decide, and it runs at once. */
  readonly review?: (values: V) => Review;
  /** Whether it changes anything: what was begun is then finished, and never stopped half-way. */
  readonly changes: boolean;
  /** @throws CeoError: then nothing was changed, unless its code says otherwise */
  readonly run: (values: V, task: Task) => Promise<Outcome>;
}
