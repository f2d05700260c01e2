/** What commands work with: what actions do, and the terminal. */
import { exitStatus } from '../../errors.js';
import { Context } from '../context.js';
import { interrupted, type UnderWay } from '../underWay.js';
import { processTerminal, type Terminal } from '../terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class CommandContext extends Context {
  constructor(readonly terminal: Terminal = processTerminal()) {
    super(terminal);
  }

  /** Whoever ends the program meanwhile is told how to find out, and to finish. */
  override async change<T>(underWay: UnderWay, make: () => Promise<T>): Promise<T> {
    if (this.underWay !== undefined) return make();
    const onSignal = () => {
      const [first = '', ...rest] = interrupted(underWay);
      this.terminal.note(`ceo: ${first}`);
      for (const line of rest) this.terminal.note(`     ${line}`);
      process.exit(exitStatus.outcome_unknown);
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
    try {
      return await super.change(underWay, make);
    } finally {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    }
  }
}
