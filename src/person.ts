/**
 * What is known of a person: a row for each field, in the order in which it is asked for and shown.
 * Flags, questions, wizard, import, request, checks, entries and displays are made from this table,
 * and their types from its type: a field is added here, and the compiler lists what else it needs.
 * `ceo --help` loads this file, so that it imports nothing.
 */

interface PersonField {
  /** Beside it in the menu, and where accounts are shown. */
  readonly label: string;
  /** By which the command line asks for it. */
  readonly question: string;
  /** Of the command line, with its letter and what it says of itself. */
  readonly flag: string;
  readonly alias: string;
  readonly usage: string;
  /** What to know about it while it is filled in. */
  readonly hint?: string;
  /** Of the file of an import. */
  readonly column: string;
  /** Where the directory keeps it; left out: it is kept elsewhere. */
  readonly attribute?: string;
  /** What it must be like: ceo has a check for each (newAccount.ts), ceod the rule of the proto. */
  readonly rule: string;
  readonly needed: boolean;
  /** What a review says where it was left empty. */
  readonly without: string;
  /** Whether the university knows it. */
  readonly suggested: boolean;
  /** What ceod does about one that is given for a club. */
  readonly ofClubs: 'kept' | 'refused' | 'ignored';
}

export const PERSON = {
  realname: {
    label: 'Name',
    question: 'Real name',
    flag: 'name',
    alias: 'n',
    usage: 'real name',
    column: 'name',
    attribute: 'cn',
    rule: 'name',
    needed: true,
    without: 'none',
    suggested: true,
    ofClubs: 'kept',
  },
  program: {
    label: 'Program',
    question: 'Program of study',
    flag: 'program',
    alias: 'p',
    usage: 'program of study',
    hint: 'What they study.',
    column: 'program',
    attribute: 'program',
    rule: 'program',
    needed: false,
    without: 'none',
    suggested: true,
    ofClubs: 'refused',
  },
  email: {
    label: 'Forward mail to',
    question: 'Forward mail to',
    flag: 'email',
    alias: 'e',
    usage: 'where mail is forwarded to',
    hint: 'An address; without one their mail stays here.',
    column: 'email',
    rule: 'forward',
    needed: false,
    without: 'nowhere',
    suggested: false,
    ofClubs: 'ignored',
  },
  phone: {
    label: 'Phone',
    question: 'Phone number',
    flag: 'phone',
    alias: 'P',
    usage: 'phone number',
    hint: 'Such as +1 519 555 0100.',
    column: 'phone',
    attribute: 'telephoneNumber',
    rule: 'phone',
    needed: false,
    without: 'none',
    suggested: false,
    ofClubs: 'ignored',
  },
} as const satisfies Readonly<Record<string, PersonField>>;

type Table = typeof PERSON;

export type FieldName = keyof Table;

/** The fields whose rows have all of this. */
type FieldWith<Part> = { [F in FieldName]: Table[F] extends Part ? F : never }[FieldName];

export type NeededField = FieldWith<{ readonly needed: true }>;
export type SuggestedField = FieldWith<{ readonly suggested: true }>;
export type StoredField = FieldWith<{ readonly attribute: string }>;
export type Rule = Table[FieldName]['rule'];
export type PersonFlag = Table[FieldName]['flag'];

/** What was given of a person: what is not needed may be left out, and is never empty. */
export type Given<F extends FieldName = FieldName> = {
  readonly [N in F & NeededField]: string;
} & { readonly [N in Exclude<F, NeededField>]?: string };

/** What is known of one: the same, where undefined is as good as left out. */
export type Known<F extends FieldName = FieldName> = {
  readonly [N in F & NeededField]: string;
} & { readonly [N in Exclude<F, NeededField>]?: string | undefined };

/** The row of a field, whichever it is. */
export const about = (field: FieldName): PersonField => PERSON[field];

export const FIELDS = Object.keys(PERSON) as readonly FieldName[];

const isNeeded = (field: FieldName): field is NeededField => about(field).needed;

export const NEEDED = FIELDS.filter(isNeeded);
export const SUGGESTED = FIELDS.filter((field): field is SuggestedField => about(field).suggested);
export const STORED = FIELDS.filter(
  (field): field is StoredField => about(field).attribute !== undefined,
);

/** Each of the fields from where it is; of what is not needed, what is empty is left out. */
export function detailsOf<F extends FieldName>(
  fields: readonly F[],
  textOf: (field: F) => string | undefined,
): Given<F> {
  const texts = fields
    .map((field) => [field, textOf(field) ?? ''] as const)
    .filter(([field, text]) => isNeeded(field) || text !== '');
  return Object.fromEntries(texts) as Given<F>;
}
