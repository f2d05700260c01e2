/** Sections as text for a terminal, and as Markdown for docs/benchmarks.md. */
import stringWidth from 'fast-string-width';
import type { Bench, Goal, Section, Table } from './bench.js';
import { figure } from './measure.js';

const reached = ({ value, bound }: Goal, limit: number): boolean =>
  bound === 'at least' ? value >= limit : value <= limit;

const withUnit = (value: number | string, unit: Goal['unit']): string =>
  unit === '×' ? `× ${value}` : `${value} ${unit}`;

const measured = ({ value, unit }: Goal): string =>
  withUnit(unit === 'failed' ? value : figure(value), unit);

function goalTable(goals: readonly Goal[]): Table {
  return {
    columns: ['', 'came to', 'goal', 'reached'],
    rows: goals.map((each) => {
      const { what, unit, bound, goal, stretch } = each;
      const isStretch = stretch !== undefined && reached(each, stretch);
      return [
        what,
        measured(each),
        `${bound} ${withUnit(goal, unit)}`,
        isStretch ? `yes, and ${withUnit(stretch, unit)}` : reached(each, goal) ? 'yes' : 'no',
      ];
    }),
  };
}

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

export function asText({ title }: Bench, { tables, goals }: Section): string {
  const all = goals.length === 0 ? tables : [...tables, goalTable(goals)];
  return `\n${title}\n\n${all.map(textTable).join('\n')}`;
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = columns.map((_, column) => (column === 0 ? '---' : '--:'));
  return [columns, rule, ...rows].map(line).join('');
}

/** All goals of all sections in one table. */
export const goalsAsMarkdown = (sections: Iterable<Section>): string =>
  markdownTable(goalTable([...sections].flatMap(({ goals }) => goals)));

/** All but the goals. @param plots folder of the plots, as the document links to it */
export function asMarkdown({ name, title }: Bench, section: Section, plots: string): string {
  const images = Object.entries(section.plots ?? {}).map(
    ([file, plot]) => `![${plot.title}](${plots}/${file}.svg)\n`,
  );
  return [
    `## ${title}\n`,
    ...section.text.map((paragraph) => `${paragraph}\n`),
    ...section.tables.map(markdownTable),
    ...images,
    `Again: \`npm run bench -- ${name}\`\n`,
  ].join('\n');
}
