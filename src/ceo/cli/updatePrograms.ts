/** `ceo members update-programs`, and its name of old. */
import { formatTerm, termOf } from '../../directory/terms.js';
import type { CommandContext } from './context.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report, type Report } from './result.js';

const flags = {
  all: { type: 'boolean', usage: 'of all members, not only of those registered this term' },
  'dry-run': {
    type: 'boolean',
    default: false,
    usage: 'show what would be changed, and change nothing',
  },
  ...jsonFlag,
} as const;

const load = () => import('../actions/university.js');

interface Chosen {
  readonly all: boolean;
  readonly 'dry-run': boolean;
}

async function action(
  { all, 'dry-run': dryRun }: Chosen,
  context: CommandContext,
  { updatePrograms }: Awaited<ReturnType<typeof load>>,
): Promise<Report> {
  const { terminal } = context;
  const term = all ? undefined : formatTerm(termOf(new Date()));
  const { problem, ...update } = await updatePrograms(context, { term, dryRun });
  const finish = problem && `ceo members update-programs${all ? ' --all' : ''}`;
  return report(
    { dryRun, ...update },
    () => {
      for (const { username, from, to } of update.changes) {
        terminal.print(`${username}: ${from ?? 'none'} → ${to}`);
      }
      for (const { username, program } of update.skipped) {
        terminal.note(
          `${username}: "${program}" is not ASCII, which a program must be: left alone`,
        );
      }
      const count = update.changes.length;
      const programs = count === 1 ? '1 program' : `${count} programs`;
      terminal.note(`${programs} ${dryRun ? 'would be changed' : 'changed'}`);
    },
    { problem, finish },
  );
}

export const membersUpdatePrograms = command({
  name: 'update-programs',
  usage: 'set the programs of members to what the university says',
  flags,
  examples: [
    { command: 'ceo members update-programs --dry-run', usage: 'shows what would be changed' },
  ],
  changes: true,
  load,
  action,
});

export const legacyUpdatePrograms = command({
  name: 'updateprograms',
  usage: 'members update-programs',
  flags,
  changes: true,
  load,
  action,
});
