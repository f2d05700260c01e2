/** A page with a list that is asked for when it is shown, and again when it is back on top. */
import { useContext, useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import type { Key } from '../keyboard.js';
import { LayerContext, useShell, type KeyUse } from '../shell.js';
import { useWork } from '../useWork.js';
import { useList, type Item } from './list.js';
import { Page, type KeyHint } from './Page.js';
import { Problem } from './Problem.js';
import { Text } from './Text.js';
import { Waiting } from './Waiting.js';

interface ListPageProps<T> {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly load: () => Promise<readonly Item<T>[]>;
  /** What is said if there is nothing. */
  readonly empty: string;
  /** What Enter does with what is selected. */
  readonly enter?: readonly [does: string, act: (selected: T) => void];
  /** Further keys, each a letter. */
  readonly letters?: readonly ListKey<T>[];
  /** What stands above the list. */
  readonly above?: ReactNode;
}

interface ListKey<T> {
  readonly letter: string;
  readonly does: string;
  readonly act: (selected: T | undefined) => void;
}

export function ListPage<T>(props: ListPageProps<T>): ReactElement {
  const { heading, load } = props;
  const { back } = useShell();
  const [work, again] = useWork(load);
  useWhenBackOnTop(again);
  if (work.state === 'done') return <Loaded {...props} items={work.value} />;
  const failed = work.state === 'failed';
  return (
    <Page
      heading={heading}
      keys={[...(failed ? [['Enter', 'try again'] as const] : []), ['Esc', 'back']]}
      onKey={({ name }) => {
        if (name === 'escape') back();
        else if (failed && name === 'return') again();
        else return failed ? 'unused' : 'later';
        return 'used';
      }}
    >
      {failed ? <Problem error={work.error} changes={false} /> : <Waiting what="Looking" />}
    </Page>
  );
}

function Loaded<T>({
  heading,
  columns,
  empty,
  enter,
  letters = [],
  above,
  items,
}: ListPageProps<T> & { readonly items: readonly Item<T>[] }): ReactElement {
  const { back } = useShell();
  const list = useList(items, columns, { taken: above === undefined ? 0 : 2 });
  const keys: KeyHint[] = [
    ...(items.length === 0 ? [] : list.keys),
    ...(list.typing
      ? []
      : [
          ...(enter === undefined || list.selected === undefined
            ? []
            : [['Enter', enter[0]] as const]),
          ...letters.map(({ letter, does }) => [letter, does] as const),
          ['Esc', 'back'] as const,
        ]),
  ];

  function onKey(key: Key): KeyUse {
    const action = list.typing ? undefined : letters.find(({ letter }) => letter === key.text);
    if (action !== undefined) {
      action.act(list.selected);
      return 'used';
    }
    const use = list.onKey(key);
    if (use !== 'unused') return use;
    if (key.name === 'escape') back();
    else if (key.name === 'return' && list.selected !== undefined) enter?.[1](list.selected);
    else return 'unused';
    return 'used';
  }

  return (
    <Page heading={heading} keys={keys} onKey={onKey}>
      {above}
      {items.length === 0 ? <Text>{empty}</Text> : list.view}
    </Page>
  );
}

function useWhenBackOnTop(act: () => void): void {
  const isTop = useContext(LayerContext)?.isTop ?? true;
  const was = useRef(isTop);
  useEffect(() => {
    if (isTop && !was.current) act();
    was.current = isTop;
  }, [isTop, act]);
}
