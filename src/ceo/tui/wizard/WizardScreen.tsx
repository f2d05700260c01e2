/** Leads through a wizard: its steps, the review, the run. What was typed is kept on every way back. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { messageOf } from '../../../errors.js';
import { Page } from '../components/Page.js';
import { Waiting } from '../components/Waiting.js';
import { useStage } from '../stage.js';
import { ChoicePage } from './ChoicePage.js';
import { FormPage } from './FormPage.js';
import { ReviewPage } from './ReviewPage.js';
import { RunPage } from './RunPage.js';
import type { Found, FormStep, Step, Values, Wizard } from './wizard.js';

interface WizardScreenProps<V extends Values> {
  readonly wizard: Wizard<V>;
}

export function WizardScreen<V extends Values>({ wizard }: WizardScreenProps<V>): ReactElement {
  const { back } = useStage();
  const { steps, review } = wizard;
  const [at, setAt] = useState(0);
  const [values, setValues] = useState<V>(wizard.initial);
  /** What each page suggested for fields: it may be replaced, unlike what was typed. */
  const suggested = useRef<Partial<V>[]>([]);
  const [round, setRound] = useState(0);
  const pages = steps.length + (review === undefined ? 0 : 1);
  const position = pages > 1 ? `${at + 1} of ${pages}` : '';

  const toBack = () => (at === 0 ? back() : setAt(at - 1));
  const toNext = () => setAt(at + 1);
  const type = (name: keyof V & string, text: string) =>
    setValues((old) => ({ ...old, [name]: text }));

  const suggest = ({ values: found = {} }: Found<V>) => {
    const before: Partial<V> = suggested.current[at] ?? {};
    suggested.current[at] = found;
    setValues((old) => {
      const untouched = Object.keys({ ...before, ...found }).filter(
        (name) => old[name] === '' || old[name] === before[name],
      );
      // What was suggested for somebody else goes, also if there is nothing in its place.
      return {
        ...old,
        ...Object.fromEntries(untouched.map((name) => [name, found[name] ?? ''])),
      };
    });
  };

  function anew(): void {
    suggested.current = [];
    setValues(wizard.initial);
    setRound(round + 1);
    setAt(0);
  }

  const step: Step<V> | undefined = steps[at];
  const key = `${round}-${at}`;
  if (step !== undefined && 'choose' in step) {
    return (
      <ChoicePage
        key={key}
        title={wizard.title}
        step={step}
        position={position}
        values={values}
        onChoose={(name, value) => {
          type(name, value);
          toNext();
        }}
        onBack={toBack}
      />
    );
  }
  if (step !== undefined) {
    return (
      <LoadedForm
        key={key}
        title={wizard.title}
        step={step}
        position={position}
        values={values}
        onFound={suggest}
        onType={type}
        onNext={toNext}
        onBack={toBack}
      />
    );
  }
  if (review !== undefined && at === steps.length) {
    return (
      <ReviewPage
        title={wizard.title}
        position={position}
        review={review(values)}
        onConfirm={toNext}
        onBack={toBack}
      />
    );
  }
  return (
    <RunPage
      key={key}
      wizard={wizard}
      values={values}
      onBack={() => (steps.length === 0 ? back() : setAt(steps.length - 1))}
      onAnew={anew}
    />
  );
}

interface LoadedFormProps<V extends Values> {
  readonly title: string;
  readonly step: FormStep<V>;
  readonly position: string;
  readonly values: V;
  readonly onFound: (found: Found<V>) => void;
  readonly onType: (name: keyof V & string, text: string) => void;
  readonly onNext: () => void;
  readonly onBack: () => void;
}

/** A form behind what it finds out first. */
function LoadedForm<V extends Values>(props: LoadedFormProps<V>): ReactElement {
  const { title, step, position, values, onFound, onBack } = props;
  const { context, reconnect } = useStage();
  const [notes, setNotes] = useState<readonly string[]>();
  const given = useRef(false);

  async function load(): Promise<void> {
    const found = await step.load
      ?.run(values, context)
      .catch(async (error: unknown): Promise<Found<V>> => {
        if (!given.current) await reconnect();
        return { notes: [messageOf(error)] };
      });
    if (given.current) return;
    onFound(found ?? {});
    setNotes(found?.notes ?? []);
  }

  const begin = useRef(load);
  useEffect(() => {
    given.current = false;
    void begin.current();
    return () => {
      given.current = true;
    };
  }, []);

  if (step.load === undefined || notes !== undefined) {
    return <FormPage {...props} notes={notes ?? []} />;
  }
  return (
    <Page
      heading={title}
      position={position}
      keys={[['Esc', 'back']]}
      onKey={({ name }) => {
        if (name !== 'escape') return 'later';
        onBack();
        return 'used';
      }}
    >
      <Waiting what={step.load.what} />
    </Page>
  );
}
