import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startOwnCeod } from '../../test/support/ownCeod.js';
import { folder, run } from '../../test/support/realm.js';
import type { Bench } from '../bench.js';
import { interleave, medianAndSpread, ratio, timed } from '../measure.js';

const ROUNDS = 2;
const IMPORTED = 300;
const SEPARATE = 30;

const password = 'long-enough';

export const importing: Bench = {
  name: 'import',
  title: 'Importing members',
  async run() {
    const own = await startOwnCeod('', { accounts: 'notify_hook = /bin/true' });
    const ceo = async (args: readonly string[], input = '') => {
      const { status, stderr } = await run(['ceo', ...args], { input, env: own.env });
      if (status !== 0) throw new Error(stderr);
    };
    let round = 0;
    const usernames = (prefix: string, count: number) => {
      round += 1;
      return Array.from({ length: count }, (_, index) => `${prefix}${round}x${index}`);
    };
    const file = path.join(folder, 'import.csv');
    try {
      const times = await interleave(
        {
          async separate() {
            const names = usernames('sep', SEPARATE);
            const total = await timed(async () => {
              for (const each of names)
                await ceo(
                  ['members', 'add', each, '-n', `Name of ${each}`, '--password-stdin'],
                  password,
                );
            });
            return total / SEPARATE;
          },
          async imported() {
            const rows = usernames('imp', IMPORTED).map(
              (each) => `${each},Name of ${each},${password}`,
            );
            await writeFile(file, ['username,name,password', ...rows, ''].join('\n'));
            return (await timed(() => ceo(['members', 'import', file]))) / IMPORTED;
          },
        },
        ROUNDS,
      );
      return {
        text: [
          `\`ceo members import\` of ${IMPORTED} members against \`ceo members add\` for each; of these,
${SEPARATE} are measured in each round, one after the other. Both make the account, register the term
and subscribe to the mailing list. The notify hook, which is a site's own, is \`/bin/true\`. What both
share is the op \`adduser\` itself.`,
        ],
        tables: [
          {
            columns: ['ms for a member', 'median (least–greatest)'],
            rows: [
              ['`ceo members add` for each', medianAndSpread(times.separate)],
              ['`ceo members import`', medianAndSpread(times.imported)],
            ],
          },
        ],
        goals: [
          {
            what: 'speed of the import, against separate ones',
            value: ratio(times.separate, times.imported),
            unit: '×',
            bound: 'at least',
            goal: 5,
          },
        ],
      };
    } finally {
      await own.stop();
    }
  },
};
