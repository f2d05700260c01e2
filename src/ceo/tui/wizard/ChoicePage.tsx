/** A page of a wizard on which one of several things is chosen. */
import type { ReactElement } from 'react';
import { useList, type Item } from '../components/list.js';
import { Page } from '../components/Page.js';
import { Text } from '../components/Text.js';
import { WorkPage } from '../components/WorkPage.js';
import { useStage } from '../stage.js';
import { ACCENT } from '../theme.js';
import { useWork } from '../useWork.js';
import type { ChoiceStep, Option, Values } from './wizard.js';

interface ChoicePageProps<V extends Values> {
  readonly title: string;
  readonly step: ChoiceStep<V>;
  readonly position: string;
  readonly values: V;
  readonly onChoose: (name: keyof V & string, value: string) => void;
  readonly onBack: () => void;
}

export function ChoicePage<V extends Values>(props: ChoicePageProps<V>): ReactElement {
  const { title, step, position, values, onBack } = props;
  const { context } = useStage();
  const [work, again] = useWork(() => step.options(values, context));
  if (work.state === 'done') return <Options {...props} options={work.value} />;
  return (
    <WorkPage heading={title} position={position} work={work} onAgain={again} onBack={onBack} />
  );
}

function Options<V extends Values>({
  title,
  step,
  position,
  values,
  onChoose,
  onBack,
  options,
}: ChoicePageProps<V> & { readonly options: readonly Option[] }): ReactElement {
  const items: Item<string>[] = options.map(({ value, isCurrent }) => ({
    value,
    cells: [value, isCurrent ? 'as it is now' : ''],
  }));
  const chosen = options.findIndex(({ value }) => value === values[step.choose]);
  const initial = chosen < 0 ? options.findIndex(({ isCurrent }) => isCurrent) : chosen;
  const list = useList(items, [], { initial: Math.max(0, initial), taken: 2 });
  return (
    <Page
      heading={title}
      position={position}
      keys={[
        ...list.keys,
        ...(list.typing
          ? []
          : ([
              ['Enter', 'choose'],
              ['Esc', 'back'],
            ] as const)),
      ]}
      onKey={(key) => {
        const use = list.onKey(key);
        if (use !== 'unused') return use;
        if (key.name === 'return' && list.selected !== undefined) {
          onChoose(step.choose, list.selected);
          return 'used';
        }
        if (key.name !== 'escape') return 'unused';
        onBack();
        return 'used';
      }}
    >
      <Text color={ACCENT}>{step.heading}</Text>
      <Text> </Text>
      {list.view}
    </Page>
  );
}
