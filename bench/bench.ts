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
  /** What was compared with what. */
  readonly what: string;
  readonly value: number;
  /** `×` for ratios. */
  readonly unit: '×' | 'MB' | 'failed';
  readonly bound: 'at least' | 'at most';
  readonly goal: number;
  /** What would be better still. */
  readonly stretch?: number;
}

/** Lines over a logarithmic x axis; y begins at 0 and has the unit that its label says. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

export interface Axis {
  readonly label: string;
}

export interface Line {
  readonly label: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
