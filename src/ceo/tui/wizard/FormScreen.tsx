/** A form whose answer is a page: a search. */
import { useState, type ReactElement, type ReactNode } from 'react';
import { useStage } from '../stage.js';
import { FormPage } from './FormPage.js';
import type { FormStep, Values } from './wizard.js';

interface FormScreenProps<V extends Values> {
  readonly title: string;
  readonly initial: V;
  readonly step: FormStep<V>;
  readonly answer: (values: V) => ReactNode;
}

export function FormScreen<V extends Values>(props: FormScreenProps<V>): ReactElement {
  const { title, initial, step, answer } = props;
  const { open, back } = useStage();
  const [values, setValues] = useState(initial);
  return (
    <FormPage
      title={title}
      step={step}
      position=""
      values={values}
      notes={[]}
      onType={(name, text) => setValues((old) => ({ ...old, [name]: text }))}
      onNext={() => open(answer(values))}
      onBack={back}
    />
  );
}
