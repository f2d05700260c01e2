/** A page with a list that is asked for when it is shown, and again when it is back on top. */
import { useContext, useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import type { Key } from '../keyboard.js';
import { act, LayerContext, useStage, type KeyUse } from '../stage.js';
import { useWork } from '../useWork.js';
import { useList, type Item } from './list.js';
import { Page, type KeyHint } from './Page.js';
import { Text } from './Text.js';
import { Waiting } from './Waiting.js';
import { WorkPage } from './WorkPage.js';

interface ListPageProps<T> {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly load: () => Promise<readonly Item<T>[]>;
  /** What is said if there is nothing. */
  readonly empty: string;
  /** What Enter does with what is selected. */
  readonly enter?: readonly [does: string, act: (selected: T) => void];
  /** Further keys, each a letter, for what is selected. */
  readonly letters?: readonly ListKey<T>[];
  /** What the letter a does, whatever is selected. */
  readonly add?: () => void;
  /** What stands above the list. */
  readonly above?: ReactNode;
}

interface ListKey<T> {
  readonly letter: string;
  readonly does: string;
  readonly act: (selected: T) => void;
}

export function ListPage<T>(props: ListPageProps<T>): ReactElement {
  const { heading, load } = props;
  const { back } = useStage();
  const [work, again] = useWork(load);
  useWhenBackOnTop(again);
  if (work.state !== 'failed' && work.value !== undefined) {
    // While it is asked for again what is selected, and the filter, stay.
    return <Loaded {...props} items={work.value} busy={work.state === 'running'} />;
  }
  return <WorkPage heading={heading} work={work} onAgain={again} onBack={back} />;
}

interface LoadedProps<T> extends ListPageProps<T> {
  readonly items: readonly Item<T>[];
  /** They are not the newest. */
  readonly busy: boolean;
}

function Loaded<T>({
  heading,
  columns,
  empty,
  enter,
  letters = [],
  add,
  above,
  items,
  busy,
}: LoadedProps<T>): ReactElement {
  const { back } = useStage();
  const list = useList(items, columns, { taken: above === undefined ? 0 : 2 });
  const { selected } = list;
  const keys: KeyHint[] = [
    ...(items.length === 0 ? [] : list.keys),
    ...(list.typing
      ? []
      : [
          ...(enter === undefined || selected === undefined ? [] : [['Enter', enter[0]] as const]),
          ...(add === undefined ? [] : [['a', 'add'] as const]),
          ...(selected === undefined
            ? []
            : letters.map(({ letter, does }) => [letter, does] as const)),
          ['Esc', 'back'] as const,
        ]),
  ];

  function onKey(key: Key): KeyUse {
    if (busy && key.name !== 'escape') return 'later';
    const letter = list.typing ? '' : key.text;
    const action = letters.find((each) => each.letter === letter);
    if (add !== undefined && letter === 'a') return act(add);
    if (action !== undefined && selected !== undefined) return act(() => action.act(selected));
    const use = list.onKey(key);
    if (use !== 'unused') return use;
    if (key.name === 'escape') return act(back);
    if (key.name !== 'return' || selected === undefined || enter === undefined) return 'unused';
    return act(() => enter[1](selected));
  }

  return (
    <Page heading={heading} keys={keys} onKey={onKey}>
      {above}
      {items.length === 0 ? <Text>{empty}</Text> : list.view}
      {busy && <Waiting what="Looking again" />}
    </Page>
  );
}

/** Another page may have changed what this one shows. */
export function useWhenBackOnTop(act: () => void): void {
  const isTop = useContext(LayerContext)?.isTop ?? true;
  const was = useRef(isTop);
  useEffect(() => {
    if (isTop && !was.current) act();
    was.current = isTop;
  }, [isTop, act]);
}
