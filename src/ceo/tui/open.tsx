/** Takes the whole screen for the menu, and gives the terminal back however that ends. */
import { render } from 'ink';
import { exitStatus, messageOf } from '../../errors.js';
import { printable } from '../../printable.js';
import { Context } from '../context.js';
import { interrupted, type UnderWay } from '../underWay.js';
import { App, type Host } from './App.js';
import { Asker } from './asker.js';
import { Display } from './display.js';
import { MainMenu } from './screens/MainMenu.js';
import { randomTitle } from './titles.js';

/**
 * @param username whose ticket it is
 * @returns the exit status: outcome_unknown if something was under way
 */
export async function openMenu(username: string): Promise<number> {
  const { stdin, stdout } = process;
  const display = new Display(stdout);
  const take = () => {
    display.enter();
    stdin.setRawMode(true);
    // Whoever asked for a password before has paused it.
    stdin.resume();
  };
  const giveBack = () => {
    stdin.setRawMode(false);
    display.leave();
  };
  const retake = () => {
    giveBack();
    take();
  };
  const problems = new Set<string>();
  let inHand: string | undefined;
  let ended = false;
  const end = () => {
    if (inHand !== undefined) process.exitCode = exitStatus.outcome_unknown;
    if (ended) return;
    ended = true;
    giveBack();
    for (const text of problems) tell(text);
    if (inHand !== undefined) tell(inDoubt(inHand, context.underWay));
  };
  const asker = new Asker();
  const context = new Context(asker);
  const host: Host = {
    context,
    username,
    asker,
    title: randomTitle(),
    leave: () => app.unmount(),
    suspend() {
      giveBack();
      process.kill(process.pid, 'SIGTSTP');
      // Here it goes on, be it that nobody is there to continue it, and it was never stopped.
      take();
    },
    redraw: () => display.redraw(),
    setCursor: (position) => display.setCursor(position),
    keep: (text) => problems.add(text),
    inHand(what) {
      inHand = what;
    },
  };
  const disarm = atEveryEnd(end);
  // The terminal has gone, and no signal told it; it may go while it is taken.
  const gone = () => setImmediate(() => host.leave());
  stdin.on('end', gone).on('error', gone);
  // Whoever stopped it may have used the terminal meanwhile.
  process.on('SIGCONT', retake);
  take();
  const app = render(<App host={host} menu={<MainMenu />} />, {
    stdin,
    stdout: display as unknown as NodeJS.WriteStream,
    // Every frame comes as a whole: the display finds out what differs.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  let status = 0;
  try {
    await app.waitUntilExit();
  } catch (error) {
    // A defect of the program: where it is helps whoever mends it.
    problems.add((error instanceof Error && error.stack) || messageOf(error));
    status = exitStatus.failed;
  }
  if (inHand !== undefined) status = exitStatus.outcome_unknown;
  end();
  disarm();
  process.off('SIGCONT', retake);
  return status;
}

/** @param underWay what of it, if that is known */
const inDoubt = (title: string, underWay: UnderWay | undefined) =>
  underWay === undefined
    ? `${title} was under way: it may or may not have been done. Check whether it was done before you try again.`
    : interrupted(underWay).join('\n');

function tell(text: string): void {
  const [first = '', ...rest] = text.split('\n').map((line) => printable(line, Infinity));
  process.stderr.write([`ceo: ${first}`, ...rest].join('\n     ') + '\n');
}

/** Does something before the process ends, be it by an error or a signal. @returns how to undo that */
function atEveryEnd(act: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    act();
    disarm();
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  const disarm = () => {
    process.off('exit', act);
    process.off('uncaughtExceptionMonitor', act);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', act);
  process.on('uncaughtExceptionMonitor', act);
  for (const signal of signals) process.on(signal, onSignal);
  return disarm;
}
