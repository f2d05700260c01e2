import { run } from '../../test/sandbox/inside.js';
import type { Bench } from '../bench.js';
import { FORWARD, USERNAME } from '../requests.js';
import { interleave, medianAndSpread, ratio, timed } from '../measure.js';

const ROUNDS = 9;

/** Node reads the certificates before anything else, which takes longer than its own start. */
const env = { NODE_EXTRA_CA_CERTS: '' };

const program = (command: readonly [string, ...string[]], input = '') => {
  return () =>
    timed(async () => {
      const { status, stderr } = await run(command, { input, env });
      if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    });
};

const mail = (request: object) => program(['ceoc', 'mail', '--json'], JSON.stringify(request));

export const processes: Bench = {
  name: 'processes',
  title: 'A whole process',
  async run() {
    const node = '`node -e 0`';
    const { [node]: peer, ...ours } = await interleave(
      {
        [node]: program(['node', '-e', '0']),
        '`ceo --help`': program(['ceo', '--help']),
        '`ceoc mail`': mail({ username: USERNAME }),
        '`ceoc mail` with a forward': mail({ username: USERNAME, forward: FORWARD }),
      },
      ROUNDS,
    );
    return {
      text: [
        `From the start of a process to its end, against a Node process that does nothing. \`ceoc mail\`
is a whole session with ceod (many connections to a process), which looks an account up in LDAP; with a
forward, it also writes \`~/.forward\`.`,
      ],
      tables: [
        {
          columns: ['ms', 'median (least–greatest)'],
          rows: Object.entries({ [node]: peer, ...ours }).map(([name, times]) => [
            name,
            medianAndSpread(times),
          ]),
        },
      ],
      goals: Object.entries(ours).map(([name, times]) => ({
        what: `${name}, against ${node}`,
        value: ratio(times, peer),
        unit: '×',
        bound: 'at most',
        goal: 2.5,
      })),
    };
  },
};
