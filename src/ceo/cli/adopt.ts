/** `ceo adopt`. */
import type { Adoption } from '../actions/adopt.js';
import { CeoError } from '../../errors.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report } from './result.js';

export const adopt = command({
  name: 'adopt',
  usage: 'take over accounts and groups that other tools have made',
  flags: {
    run: { type: 'boolean', usage: 'do it, and not only show what would be done' },
    'dry-run': { type: 'boolean', usage: 'show what would be done, as without a flag' },
    ldif: { type: 'boolean', usage: 'print the LDIF that makes those groups anew that need it' },
    ...jsonFlag,
  },
  examples: [
    { command: 'ceo adopt', usage: 'shows what would be changed' },
    { command: 'ceo adopt --ldif >groups.ldif', usage: 'for ldapmodify' },
  ],
  changes: true,
  load: () => import('../actions/adopt.js'),
  async action({ run, 'dry-run': dryRun, ldif }, context, { adopt: adoptAll }) {
    if (run && (dryRun || ldif)) {
      throw new CeoError('usage', '--run changes the directory; --dry-run and --ldif do not.', {
        next: 'Give one of them.',
      });
    }
    const { terminal } = context;
    const { adoptions, problem } = await adoptAll(context, { run });
    const finish = problem && 'ceo adopt --run';
    const print = () => {
      if (ldif) {
        for (const each of adoptions) each.ldif?.forEach((line) => terminal.print(line));
        return;
      }
      for (const each of adoptions) terminal.print(`  ${MARK[each.outcome]} ${told(each)}`);
      terminal.note(sum(adoptions, run));
    };
    return report({ run, adoptions }, print, { problem, finish });
  },
});

const MARK: Readonly<Record<Adoption['outcome'], string>> = {
  adopted: '✓',
  adoptable: '+',
  'to be remade': '!',
  'left alone': '-',
};

function told({ what, name, number, outcome, kind, added = [], unknown = [], why }: Adoption) {
  const subject = `${what} ${name} (${number ?? 'no number'})`;
  const changes = [
    ...(kind === undefined ? [] : [`objectClass ${kind}`]),
    ...(added.length === 0 ? [] : [`uniqueMember ${added.join(', ')}`]),
  ];
  const nobody = unknown.length === 0 ? '' : `; no accounts: ${unknown.join(', ')}`;
  const said = why === undefined ? changes.join(', ') : `${outcome}: ${why}`;
  return `${subject}: ${said || 'objectClass group'}${nobody}`;
}

function sum(adoptions: readonly Adoption[], run: boolean): string {
  const count = (outcome: Adoption['outcome']) =>
    adoptions.filter((each) => each.outcome === outcome).length;
  const done = run ? `${count('adopted')} adopted` : `${count('adoptable')} can be adopted`;
  const remade = count('to be remade');
  return [
    done,
    ...(remade === 0 ? [] : [`${remade} to be remade (ceo adopt --ldif)`]),
    ...(count('left alone') === 0 ? [] : [`${count('left alone')} left alone`]),
  ].join(', ');
}
