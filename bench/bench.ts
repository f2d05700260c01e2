/** What a bench is, and what it hands over to be printed and written down. */

/** One thing that is measured: a file of `benches/`, run inside a sandbox. */
export interface Bench {
  /** What `npm run bench -- NAME` calls it. */
  readonly name: string;
  /** Heading of its section. */
  readonly title: string;
  run(): Promise<Section>;
}

/** What a bench found. */
export interface Section {
  /** Paragraphs of Markdown: what was done, and what each row and column means. */
  readonly text: readonly string[];
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** By the names of their files, without `.svg`. */
  readonly plots?: Readonly<Record<string, Plot>>;
}

export interface Table {
  /** The first column is of words, the others are of numbers. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure that was to be reached, most often a ratio to a peer in the same run. */
export interface Goal {
  /** What was compared with what; all goals also stand in one table. */
  readonly what: string;
  readonly value: number;
  /** `×` for ratios. */
  readonly unit: '×' | 'MB' | 'failed';
  readonly bound: 'at least' | 'at most';
  readonly goal: number;
  /** What would be better still. */
  readonly stretch?: number;
}

/** Lines over an x axis that is logarithmic and has its ticks where the points are. */
export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: { readonly label: string; readonly scale: 'linear' | 'log' };
  readonly lines: readonly Line[];
}

export interface Line {
  readonly label: string;
  readonly of: 'ours' | 'peer';
  /** Tells the lines of one colour apart. */
  readonly dashed?: boolean;
  /** Ordered by x. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
