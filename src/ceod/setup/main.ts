#!/usr/bin/env node
/** The program ceod-setup: what a host and a realm need for ceod, and what of it is there. */
import { parseArgs } from 'node:util';
import { asCeoError, CeoError, exitStatus, messageOf } from '../../errors.js';
import { complain } from '../../complaint.js';
import { printable, printableJson } from '../../printable.js';
import { isUsername } from '../../rules.js';
import { VERSION } from '../../version.js';
import { entrySteps } from './entries.js';
import { hostSteps } from './host.js';
import { migrationReport } from './migrate.js';
import { realmSteps } from './realm.js';
import { rightsSteps } from './rights.js';
import { auxiliaryGroups, schemaSteps } from './schema.js';
import { lookAround, type Site } from './site.js';
import { carryOut, look, type Planned, type Step } from './step.js';

const HELP = `Usage: ceod-setup HOST [--run] [--json] [--syscom USERNAME] [--ops NAME,…]
       ceod-setup migrate --check [--json]

Shows what ceod needs on HOST, in the realm and in the directory: what is done, and
for the rest the commands, with the way back. It reads accounts.cf, ceod.cf and ops/*
in CEO_CONFIG_DIR, or else /etc/csc. On the host of the KDC and on that of the
directory it sees to theirs; what is for another host, it says.

Options:
  --run              run the commands that are shown, one step after the other; what is
                     done is left alone, so that it can be run again
  --json             print the plan as JSON
  --syscom USERNAME  the first member of the systems committee, with an account
  --ops NAME,…       what HOST is to serve besides; unless given, what runs as root
                     and no other host serves
  --ldapi URL        where slapd listens for root; ldapi:/// unless given
  --slapd-conf FILE  its configuration, if that is no cn=config; /etc/ldap/slapd.conf
                     unless given
  migrate --check    what of a legacy system's configuration counts; changes nothing
  --version          show the version
  -h, --help         show this

It ends with 0 if nothing is left to do, with 1 if something is.
`;

/** In the order in which they build on each other. */
const STEPS: readonly ((site: Site) => Step[])[] = [
  hostSteps,
  realmSteps,
  schemaSteps,
  rightsSteps,
  (site) => [auxiliaryGroups(site)],
  entrySteps,
];

/** Of what is shown: commands are not to be cut. */
const MAX_LENGTH = 100_000;

const print = (line: string) => process.stdout.write(`${printable(line, MAX_LENGTH)}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseCommandLine();
  if (values.help === true || values.version === true) {
    process.stdout.write(values.help === true ? HELP : `${VERSION}\n`);
    return 0;
  }
  const [host, ...more] = positionals;
  if (host === undefined || more.length > 0) {
    throw new CeoError('usage', 'expected one HOST.', { next: 'See ceod-setup --help.' });
  }
  if (host === 'migrate') {
    if (values.check !== true) {
      throw new CeoError('usage', 'migrate only looks: expected --check.');
    }
    const report = await migrationReport();
    if (values.json === true) print(printableJson({ report }));
    else report.forEach(({ topic, says }) => print(`${topic}: ${says}`));
    return 0;
  }
  const { syscom, ops } = values;
  if (syscom !== undefined && !isUsername(syscom)) {
    throw new CeoError('usage', `${syscom} cannot be a username.`);
  }
  const site = await lookAround({
    host,
    syscom,
    ops: ops?.split(',').filter((each) => each !== ''),
    ldapi: values.ldapi ?? 'ldapi:///',
    slapdConf: values['slapd-conf'] ?? '/etc/ldap/slapd.conf',
  });
  const isRun = values.run === true;
  const planned: Planned[] = [];
  for (const step of STEPS.flatMap((steps) => steps(site))) {
    const seen = await look(step);
    const outcome = isRun ? await carryOut(step, seen) : seen;
    planned.push(outcome);
    if (values.json !== true) show(outcome, isRun && seen.state === 'missing');
    // What comes later may build on it.
    if (outcome.error !== undefined) break;
  }
  if (values.json === true) print(printableJson({ host: site.host, run: isRun, steps: planned }));
  else sum(planned, isRun);
  return planned.every(({ state }) => state === 'done') ? 0 : exitStatus.failed;
}

const MARK = { done: '✓', missing: '✗', 'by hand': '!' } as const;

function show({ what, state, commands, undo, why, error }: Planned, wasRun: boolean): void {
  print(`${MARK[state]} ${what}${why === undefined ? '' : `: ${why}`}`);
  if (state === 'done' && !wasRun) return;
  const indented = (text: string | undefined, by: string) =>
    text?.split('\n').forEach((line) => print(`${by}${line}`));
  indented(commands, '    ');
  if (undo !== undefined) {
    print('  back:');
    indented(undo, '    ');
  }
  if (error !== undefined) print(`  failed: ${error}`);
}

function sum(planned: readonly Planned[], isRun: boolean): void {
  const count = (state: Planned['state']) => planned.filter((each) => each.state === state).length;
  const [missing, byHand] = [count('missing'), count('by hand')];
  if (missing + byHand === 0) print('Nothing is left to do.');
  if (missing > 0 && !isRun) print(`${missing} to do: the same command with --run does them.`);
  if (byHand > 0) print(`${byHand} to do by hand.`);
}

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        run: { type: 'boolean' },
        check: { type: 'boolean' },
        json: { type: 'boolean' },
        syscom: { type: 'string' },
        ops: { type: 'string' },
        ldapi: { type: 'string' },
        'slapd-conf': { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new CeoError('usage', messageOf(error), { next: 'See ceod-setup --help.' });
  }
}

process.umask(0o077);
main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    complain('ceod-setup', error, MAX_LENGTH);
    process.exitCode = exitStatus[asCeoError(error).code];
  },
);
