/** Sections as text for a terminal, and as Markdown for docs/benchmarks.md. */
import stringWidth from 'string-width';
import type { Bench, Goal, Section, Table } from './bench.js';
import { figure } from './measure.js';

const reached = ({ value, bound }: Goal, limit: number): boolean =>
  bound === 'at least' ? value >= limit : value <= limit;

const withUnit = (value: number | string, unit: Goal['unit']): string =>
  unit === '×' ? `× ${value}` : `${value} ${unit}`;

/** The goals as a table: what, came to, goal, and what to make of it. */
function goalTable(goals: readonly Goal[]): Table {
  return {
    columns: ['', 'came to', 'goal', 'reached'],
    rows: goals.map((each) => {
      const { what, value, unit, bound, goal, stretch } = each;
      const isStretch = stretch !== undefined && reached(each, stretch);
      return [
        what,
        withUnit(figure(value), unit),
        `${bound} ${withUnit(goal, unit)}`,
        isStretch ? `yes, and ${withUnit(stretch, unit)}` : reached(each, goal) ? 'yes' : 'no',
      ];
    }),
  };
}

const tablesOf = ({ tables, goals }: Section): readonly Table[] =>
  goals.length === 0 ? tables : [...tables, goalTable(goals)];

function textTable({ columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => stringWidth(line[column] ?? ''))),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const space = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
          return column === 0 ? cell + space : space + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
}

export function asText({ title }: Bench, section: Section): string {
  return `\n${title}\n\n${tablesOf(section).map(textTable).join('\n')}`;
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = columns.map((_, column) => (column === 0 ? '---' : '--:'));
  return [columns, rule, ...rows].map(line).join('');
}

/** @param plots folder of the plots, as the document links to it */
export function asMarkdown({ name, title }: Bench, section: Section, plots: string): string {
  const images = Object.entries(section.plots ?? {}).map(
    ([file, plot]) => `![${plot.title}](${plots}/${file}.svg)\n`,
  );
  return [
    `## ${title}\n`,
    ...section.text.map((paragraph) => `${paragraph}\n`),
    ...tablesOf(section).map(markdownTable),
    ...images,
    `Again: \`npm run bench -- ${name}\`\n`,
  ].join('\n');
}
