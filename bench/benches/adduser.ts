import { startOwnSlapd } from '../../test/support/ownSlapd.js';
import { run } from '../../test/support/realm.js';
import type { Bench } from '../bench.js';
import { interleave, median, medianAndSpread, ratio } from '../measure.js';

const ROUNDS = 11;
const SIZES = [100, 10_000, 100_000] as const;

/** A ceod over a directory of this size, and what makes one member after the other by it. */
async function startSite(size: number) {
  const slapd = await startOwnSlapd(`slapd-${size}`, size);
  const ceod = await slapd.startCeod('notify_hook = /bin/true');
  let count = 0;
  return {
    /** @returns milliseconds, as the runner's log has them */
    async add(): Promise<number> {
      count += 1;
      const username = `s${size}x${count}`;
      const request = { type: 'MEMBER', username, password: 'long-enough', realname: username };
      const input = JSON.stringify(request);
      const options = { input, env: ceod.env };
      const { status, stderr } = await run(['ceoc', 'adduser', '--json'], options);
      if (status !== 0) throw new Error(stderr);
      return Number(ceod.log().findLast(({ op }) => op === 'adduser')?.['ms']);
    },
    operations: () => slapd.operations().length,
    async stop() {
      await ceod.stop();
      await slapd.stop();
    },
  };
}

export const adduser: Bench = {
  name: 'adduser',
  title: 'adduser in directories of any size',
  async run() {
    const sites = new Map<string, Awaited<ReturnType<typeof startSite>>>();
    try {
      for (const size of SIZES) sites.set(size.toLocaleString('en'), await startSite(size));
      const times = await interleave(
        Object.fromEntries([...sites].map(([name, site]) => [name, () => site.add()])),
        ROUNDS,
      );
      const operations = new Map<string, number>();
      for (const [name, site] of sites) {
        const before = site.operations();
        await site.add();
        operations.set(name, site.operations() - before);
      }
      const [smallest = [], ...larger] = Object.values(times);
      const names = Object.keys(times);
      return {
        text: [
          `The time that the runner takes for one \`adduser\` of a member, as its log has it, in
directories that slapadd(8) filled with so many members and their groups; the indexes are those of
\`etc/slapd.conf.example\`. A kadmin(1) is started if none was in
the last second. The notify hook, which is a site's own, is \`/bin/true\`.`,
        ],
        tables: [
          {
            columns: ['accounts', 'ms', 'LDAP operations'],
            rows: Object.entries(times).map(([name, each]) => [
              name,
              medianAndSpread(each),
              String(operations.get(name)),
            ]),
          },
        ],
        goals: larger.map((each, index) => ({
          what: `adduser among ${names[index + 1] ?? ''} accounts, against ${names[0] ?? ''}`,
          value: ratio(each, smallest),
          unit: '×',
          bound: 'at most',
          goal: 1.2,
        })),
        plots: {
          adduser: {
            title: 'adduser against the size of the directory',
            x: 'accounts',
            y: { label: 'ms', scale: 'linear' },
            lines: [
              {
                label: 'adduser',
                of: 'ours',
                points: SIZES.map((x, index) => ({
                  x,
                  y: median(Object.values(times)[index] ?? []),
                })),
              },
            ],
          },
        },
      };
    } finally {
      for (const site of sites.values()) await site.stop();
    }
  },
};
