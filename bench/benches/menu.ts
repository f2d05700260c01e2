import { spawn } from 'node:child_process';
import type { Bench } from '../bench.js';
import { interleave, median, medianAndSpread, ratio } from '../measure.js';

const ROUNDS = 9;

/** Milliseconds from the start of a program on a terminal to what it shows. */
function shown(command: string, text: string): () => Promise<number> {
  return () =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now();
      // script(1) runs it on a terminal, which has the size of 80 × 24.
      const terminal = spawn(
        'script',
        ['-qfec', `stty columns 80 rows 24; exec ${command}`, '/dev/null'],
        { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, TERM: 'xterm-256color' } },
      );
      let output = '';
      let after: number | undefined;
      terminal.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (after !== undefined || !output.includes(text)) return;
        after = performance.now() - startedAt;
        terminal.stdin.write(CTRL_C);
      });
      terminal.on('error', reject);
      terminal.on('close', () => {
        if (after !== undefined) resolve(after);
        else reject(new Error(`${command} has not shown "${text}": ${output}`));
      });
    });
}

const CTRL_C = '\u0003';

export const menu: Bench = {
  name: 'menu',
  title: 'The first frame of the menu',
  async run() {
    const node = 'node';
    const { [node]: peer, menu: frames } = await interleave(
      {
        [node]: shown("node -e 'process.stdout.write(`here`)'", 'here'),
        menu: shown('ceo', 'What would you like to do?'),
      },
      ROUNDS,
    );
    return {
      text: [
        `From the start of \`ceo\` on a terminal, with a ticket, to the menu on the screen, against
a Node process that prints one word there.`,
      ],
      tables: [
        {
          columns: ['ms', 'median (least–greatest)'],
          rows: [
            ['node', medianAndSpread(peer)],
            ['ceo', medianAndSpread(frames)],
          ],
        },
      ],
      goals: [
        {
          what: 'the first frame of the menu, against one word of a bare `node`',
          value: ratio(frames, peer),
          unit: '×',
          bound: 'at most',
          goal: 10,
        },
        {
          what: 'the first frame of the menu',
          value: median(frames),
          unit: 'ms',
          bound: 'at most',
          goal: 1000,
          stretch: 500,
        },
      ],
    };
  },
};
