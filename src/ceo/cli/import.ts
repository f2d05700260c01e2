/** `ceo members import`. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CeoError, messageOf } from '../../errors.js';
import type { CsvFile } from '../actions/csvFile.js';
import type { Outcome, RowResult } from '../actions/import.js';
import type { ImportFile, ImportRow } from '../actions/importFile.js';
import type { Format } from '../actions/spreadsheet.js';
import { readRegularFile, UnfitFile } from '../../regularFile.js';
import { shellWord } from '../../shellWord.js';
import type { CommandContext } from './context.js';
import type { Terminal } from '../terminal.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report, type Report } from './result.js';

/** The flags that say how the file is read, where it does not tell itself. */
interface Said {
  readonly encoding: string | undefined;
  readonly delimiter: string | undefined;
}

interface Files extends Said {
  readonly file: string;
  readonly 'generate-passwords': string | undefined;
  readonly results: string | undefined;
}

export const membersImport = command({
  name: 'import',
  usage: 'sign up many new members from a CSV file',
  arguments: { file: { usage: 'the CSV file: username, name, program, email, password, …' } },
  flags: {
    'generate-passwords': {
      type: 'string',
      usage: 'generate the passwords that are not in the file, and write them to this new file',
    },
    encoding: { type: 'string', usage: 'of the file, such as windows-1252, if it does not tell' },
    delimiter: { type: 'string', usage: 'between fields: comma, semicolon or tab; likewise' },
    results: { type: 'string', usage: 'write what became of each row to this new CSV file' },
    'dry-run': { type: 'boolean', usage: 'only say what would be done' },
    ...jsonFlag,
  },
  examples: [
    { command: 'ceo members import new.csv --dry-run', usage: 'looks and changes nothing' },
    {
      command: 'ceo members import new.csv --generate-passwords passwords.csv',
      usage: 'safe to run again, with another passwords.csv',
    },
  ],
  changes: true,
  async action({ json, 'dry-run': dryRun, ...files }, context) {
    const { terminal } = context;
    const { BadImportFile } = await import('../actions/importFile.js');
    let rows;
    let format;
    try {
      ({ rows, format } = await readRows(files));
    } catch (error) {
      if (!(error instanceof BadImportFile)) throw error;
      const { problems } = error;
      return report(
        { file: files.file, problems },
        () => {
          for (const { line, column, message } of problems) {
            const where = column === undefined ? `line ${line}` : `line ${line}, ${column}`;
            terminal.note(`${files.file}: ${where}: ${message}`);
          }
        },
        { problem: error },
      );
    }
    if (format.encoding !== 'utf-8' || format.delimiter !== 'comma')
      terminal.note(`${files.file} is read as ${format.encoding}, with ${format.delimiter}s.`);
    const run = await importRows(context, rows, files, dryRun, !json);
    return summary(terminal, files, { ...run, dryRun });
  },
});

/** @throws CeoError usage */
async function readRows({
  file,
  'generate-passwords': passwords,
  ...flags
}: Files): Promise<ImportFile> {
  const [{ parseImport }, { clientRules, configDir, loadAccounts, loadCeod }] = await Promise.all([
    import('../actions/importFile.js'),
    import('../../config/settings.js'),
  ]);
  const dir = configDir();
  let bytes;
  try {
    bytes = readRegularFile(file);
  } catch (cause) {
    const why = cause instanceof UnfitFile ? cause.message : `cannot be read: ${messageOf(cause)}`;
    throw new CeoError('usage', `${file} ${why}.`, { cause });
  }
  const generatePasswords = passwords !== undefined;
  const rules = clientRules(loadAccounts(dir).settings, loadCeod(dir).settings);
  return parseImport(bytes, { ...rules, generatePasswords }, await formatSaid(flags));
}

/** @throws CeoError usage */
async function formatSaid({ encoding, delimiter }: Said): Promise<Partial<Format>> {
  const { DELIMITER_NAMES, ENCODINGS } = await import('../actions/spreadsheet.js');
  const oneOf = <T extends string>(flag: string, value: string | undefined, all: readonly T[]) => {
    if (value === undefined) return {};
    const known = all.find((each) => each === value.toLowerCase());
    if (known !== undefined) return { [flag]: known };
    throw new CeoError('usage', `--${flag} is one of ${all.join(', ')}.`);
  };
  return {
    ...oneOf('encoding', encoding, ENCODINGS),
    ...oneOf('delimiter', delimiter, DELIMITER_NAMES),
  };
}

interface Run {
  readonly results: readonly RowResult[];
  /** Undefined: no password was generated. */
  readonly passwords: string | undefined;
  /** What stopped it, if that was no row's failure. */
  readonly stopped: string | undefined;
}

const REPORT_HEADER = ['line', 'username', 'outcome', 'message'];

/** @param tell whether to print each row */
async function importRows(
  context: CommandContext,
  rows: readonly ImportRow[],
  files: Files,
  dryRun: boolean,
  tell: boolean,
): Promise<Run> {
  const { terminal } = context;
  const { 'generate-passwords': passwordsFile, results: resultsFile } = files;
  const [{ importMembers }, { alreadyThere, CsvFile }, { termOf }] = await Promise.all([
    import('../actions/import.js'),
    import('../actions/csvFile.js'),
    import('../../directory/terms.js'),
  ]);
  if (passwordsFile !== undefined && existsSync(passwordsFile)) throw alreadyThere(passwordsFile);
  const passwords =
    passwordsFile === undefined || dryRun
      ? undefined
      : CsvFile.create(passwordsFile, ['username', 'password']);
  let report: CsvFile | undefined;
  let kept = false;
  const results: RowResult[] = [];
  let stopped: string | undefined;
  const forget = whenInterrupted((signal) => {
    stopped = signal === 'SIGINT' ? 'interrupted' : `stopped by ${signal}`;
    terminal.note('Finishing the accounts in hand; then it stops.');
  });
  try {
    if (resultsFile !== undefined) report = CsvFile.create(resultsFile, REPORT_HEADER);
    const from = termOf(new Date());
    terminal.progress(0, rows.length, rows[0]?.username ?? '');
    const options = { dryRun, passwords, from, stopped: () => stopped };
    for await (const result of importMembers(context, rows, options)) {
      results.push(result);
      const { line, username, outcome, message } = result;
      try {
        report?.add([line, username, outcome, message]);
      } catch (error) {
        stopped ??= messageOf(error);
      }
      if (tell && outcome !== 'left') terminal.print(rowLine(result, dryRun));
      terminal.progress(results.length, rows.length, rows[results.length]?.username ?? '');
    }
  } finally {
    terminal.endProgress();
    forget();
    report?.close();
    kept = passwords?.close() ?? false;
  }
  return { results, passwords: kept ? passwordsFile : undefined, stopped };
}

/** The first signal is for the callback; a second one ends the program as usual. */
function whenInterrupted(callback: (signal: NodeJS.Signals) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const forget = () => signals.forEach((signal) => process.off(signal, handler));
  const handler = (signal: NodeJS.Signals) => {
    forget();
    callback(signal);
  };
  signals.forEach((signal) => process.on(signal, handler));
  return forget;
}

const MARKS: Readonly<Record<Outcome, string>> = {
  created: '✓',
  completed: '✓',
  skipped: '✓',
  conflict: '✗',
  failed: '✗',
  left: ' ',
};
const WOULD: Partial<Record<Outcome, string>> = {
  created: 'would be created',
  completed: 'would be completed',
  skipped: 'would be skipped',
};

function rowLine({ username, outcome, message }: RowResult, dryRun: boolean): string {
  const what = (dryRun ? WOULD[outcome] : undefined) ?? outcome;
  return `  ${MARKS[outcome]} ${username} ${what}${message === '' ? '' : `: ${message}`}`;
}

function summary(terminal: Terminal, files: Files, run: Run & { dryRun: boolean }): Report {
  const { results, passwords, dryRun } = run;
  const counts = countsOf(results);
  const problem = problemOf(files.file, counts, run);
  const isLeft = counts.failed + counts.left > 0 && !dryRun;
  const finish = isLeft && problem !== undefined ? finishCommand(files, passwords) : undefined;
  const rows = results.map(({ line, username, outcome, message, error }) => ({
    ...{ line, username, outcome, message },
    code: error?.code,
  }));
  const data = { file: files.file, dryRun, counts, rows, passwords };
  return report(
    data,
    () => {
      const parts = Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([outcome, count]) => `${count} ${outcome}`);
      const rowsText = results.length === 1 ? '1 row' : `${results.length} rows`;
      terminal.print(`${rowsText}${dryRun ? ', if it were done' : ''}: ${parts.join(', ')}.`);
      if (passwords !== undefined) terminal.print(`The generated passwords are in ${passwords}.`);
    },
    { problem, finish },
  );
}

type Counts = Record<Outcome, number>;

function countsOf(results: readonly RowResult[]): Counts {
  const counts: Counts = { created: 0, completed: 0, skipped: 0, conflict: 0, failed: 0, left: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** Why not all is well. Its code is the exit status. */
function problemOf(
  file: string,
  { conflict, failed, left }: Counts,
  { results, stopped }: Run,
): CeoError | undefined {
  const cause = results.find(({ stops }) => stops === true)?.error;
  const missing = conflict + failed + left;
  if (missing === 0) return undefined;
  const why = left === 0 ? undefined : (cause?.message ?? stopped);
  const count = `${missing} of ${results.length} rows are not done`;
  const message = why === undefined ? `${count}.` : `${count}: ${why.replace(/\.$/, '')}.`;
  const correct = `Correct the rows in conflict in ${file}, and import it again.`;
  const next = cause?.next ?? (conflict > 0 ? correct : undefined);
  const first = results.find(({ error }) => error !== undefined)?.error;
  const code = results.some(({ changed }) => changed)
    ? 'partly_failed'
    : ((cause ?? first)?.code ?? 'failed');
  return new CeoError(code, message, next === undefined ? {} : { next });
}

/** The same again; the file of passwords must be a new one if this one is kept. */
function finishCommand(files: Files, passwords: string | undefined): string {
  const { file, 'generate-passwords': given, encoding, delimiter } = files;
  const generate =
    given === undefined
      ? []
      : ['--generate-passwords', passwords === undefined ? given : nextName(given)];
  const format = Object.entries({ encoding, delimiter }).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, value],
  );
  return ['ceo', 'members', 'import', file, ...format, ...generate].map(shellWord).join(' ');
}

/** `passwords.csv`, then `passwords-2.csv`, … */
function nextName(file: string): string {
  const { dir, name, ext } = path.parse(file);
  for (let count = 2; ; count += 1) {
    const next = path.join(dir, `${name}-${count}${ext}`);
    if (!existsSync(next)) return next;
  }
}
