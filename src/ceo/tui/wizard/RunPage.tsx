/** A wizard at work: each part as it is done, and what it came to. */
import { Box } from 'ink';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { Lines, linesOfSteps, type Line } from '../components/Lines.js';
import { Page, type KeyHint } from '../components/Page.js';
import { Problem } from '../components/Problem.js';
import { Rows } from '../components/Rows.js';
import { Text } from '../components/Text.js';
import { Waiting } from '../components/Waiting.js';
import type { Key } from '../keyboard.js';
import { useStage, type KeyUse } from '../stage.js';
import { asCeoError } from '../../../errors.js';
import type { Outcome, Task, Values, Wizard } from './wizard.js';

interface RunPageProps<V extends Values> {
  readonly wizard: Wizard<V>;
  readonly values: V;
  /** Back to what was typed. */
  readonly onBack: () => void;
  /** The same for somebody else. */
  readonly onAnew: () => void;
}

export function RunPage<V extends Values>(props: RunPageProps<V>): ReactElement {
  const { wizard, values, onBack, onAnew } = props;
  const { context, back, inHand, reconnect, discardKeys } = useStage();
  // What was asked for nothing can only be done once.
  const hasAnother = wizard.steps.length > 0;
  const [part, setPart] = useState('Beginning');
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [stopAsked, setStopAsked] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const stop = useRef(false);
  const gone = useRef(false);

  async function run(): Promise<void> {
    setOutcome(undefined);
    setLines([]);
    setStopAsked(false);
    stop.current = false;
    const task: Task = {
      context,
      begin: setPart,
      show: (steps) => setLines(linesOfSteps(steps)),
      stopped: () => stop.current,
    };
    if (wizard.changes) inHand(wizard.title);
    const result = await wizard.run(values, task).catch((error: unknown): Outcome => ({
      lines: [],
      problem: asCeoError(error),
    }));
    inHand(undefined);
    if (gone.current) return;
    if (result.problem !== undefined) await reconnect();
    discardKeys();
    setOutcome(result);
  }

  const begin = useRef(run);
  useEffect(() => {
    void begin.current();
    return () => {
      gone.current = true;
    };
  }, []);

  function onRunningKey({ name }: Key): KeyUse {
    // Keys pressed now are meant for nothing that will be shown.
    if (name !== 'escape') return 'used';
    if (!wizard.changes) onBack();
    stop.current = true;
    setStopAsked(true);
    return 'used';
  }

  function onOutcomeKey({ name, text }: Key): KeyUse {
    const problem = outcome?.problem;
    if (name === 'escape' && canGoBack(problem)) onBack();
    else if (name === 'return' && canGoBack(problem)) void run();
    else if (name === 'return' || name === 'escape' || text === 'l') back();
    else if (text === 'a' && problem === undefined && hasAnother) onAnew();
    else return 'unused';
    return 'used';
  }

  if (outcome === undefined) {
    return (
      <Page
        heading={wizard.title}
        keys={stopAsked ? [] : [['Esc', wizard.changes ? 'stop after this part' : 'stop waiting']]}
        onKey={onRunningKey}
      >
        <Lines lines={lines} />
        <Waiting key={part} what={part} />
        {stopAsked && (
          <Box paddingTop={1}>
            <Text dimColor>What has begun is finished; what comes after it is left undone.</Text>
          </Box>
        )}
      </Page>
    );
  }
  const { problem, finish } = outcome;
  // The step that failed is told by its problem.
  const told = outcome.lines.filter(
    ({ mark, text }) => mark !== 'failed' || text !== problem?.message,
  );
  return (
    <Page
      heading={wizard.title}
      keys={outcomeKeys(outcome, hasAnother)}
      onKey={onOutcomeKey}
      endFirst
    >
      {outcome.rows !== undefined && (
        <Box paddingBottom={told.length === 0 ? 0 : 1}>
          <Rows rows={outcome.rows} />
        </Box>
      )}
      <Lines lines={told} />
      {problem !== undefined && (
        <Box paddingTop={told.length === 0 ? 0 : 1}>
          <Problem error={problem} finish={finish} changes={wizard.changes} />
        </Box>
      )}
    </Page>
  );
}

type ProblemOf = Outcome['problem'];

/** Where a part is done, or may be, the same again would be another thing. */
const canGoBack = (problem: ProblemOf) =>
  problem !== undefined && problem.code !== 'partly_failed' && problem.code !== 'outcome_unknown';

function outcomeKeys({ problem }: Outcome, hasAnother: boolean): KeyHint[] {
  if (problem === undefined) {
    return [['Enter', 'done'], ...(hasAnother ? [['a', 'another one'] as const] : [])];
  }
  if (!canGoBack(problem)) return [['Enter', 'back']];
  return [
    ['Enter', 'try again'],
    ['Esc', 'back to what you typed'],
    ['l', 'leave it'],
  ];
}
