/** A menu: groups of items in columns, chosen by arrows, Tab, first letter and Enter. */
import { Box } from 'ink';
import { useState, type ReactElement } from 'react';
import type { Key } from '../keyboard.js';
import { useStage, type KeyUse } from '../stage.js';
import { ACCENT, POINTER } from '../theme.js';
import { nextWith } from './firstLetter.js';
import { Page, type KeyHint } from './Page.js';
import { Text } from './Text.js';

export interface MenuItem {
  readonly name: string;
  /** One line about it. */
  readonly about: string;
  readonly choose: () => void;
}

/** @returns what makes items that open a page */
export function usePageItem(): (name: string, about: string, page: ReactElement) => MenuItem {
  const { open } = useStage();
  return (name, about, page) => ({ name, about, choose: () => open(page) });
}

export interface MenuGroup {
  /** Empty: it stands for itself. */
  readonly name: string;
  readonly items: readonly MenuItem[];
  /** Why its items are not for this user; undefined: they are. */
  readonly locked?: string | undefined;
}

interface MenuProps {
  readonly heading: string;
  /** Groups from top to bottom, in each of the columns from left to right. */
  readonly columns: readonly (readonly MenuGroup[])[];
  readonly keys: readonly KeyHint[];
  readonly onEscape: () => void;
  /** Hears of every key: from then on somebody acts on what is shown. */
  readonly onPress?: () => void;
  readonly note?: string | undefined;
}

export function Menu(props: MenuProps): ReactElement {
  const { heading, columns, keys, onEscape, onPress, note } = props;
  const entries = columns.map((groups) =>
    groups.flatMap((group) => group.items.map((item) => ({ item, group }))),
  );
  const all = entries.flat();
  // By name: the order may change while the menu is shown. Undefined: the first.
  const [name, setName] = useState<string>();
  const [refused, setRefused] = useState<string>();
  const at = Math.max(
    0,
    all.findIndex(({ item }) => item.name === name),
  );
  const selected = all[at];

  const select = (index: number): KeyUse => {
    setName(all[(index + all.length) % all.length]?.item.name);
    setRefused(undefined);
    return 'used';
  };

  /** The item beside the selected one in another column. */
  function sideways(step: number): KeyUse {
    let row = at;
    let column = 0;
    while (row >= (entries[column]?.length ?? Infinity)) {
      row -= entries[column]?.length ?? 0;
      column += 1;
    }
    const target = Math.max(0, Math.min(entries.length - 1, column + step));
    const before = entries.slice(0, target).reduce((sum, { length }) => sum + length, 0);
    return select(before + Math.min(row, (entries[target]?.length ?? 1) - 1));
  }

  function onKey(key: Key): KeyUse {
    onPress?.();
    if (key.name === 'up' || (key.name === 'tab' && key.shift)) return select(at - 1);
    if (key.name === 'down' || key.name === 'tab') return select(at + 1);
    if (key.name === 'left' || key.name === 'right') return sideways(key.name === 'left' ? -1 : 1);
    if (key.name === 'home') return select(0);
    if (key.name === 'end') return select(all.length - 1);
    if (key.name === 'escape') {
      onEscape();
      return 'used';
    }
    if (key.name === 'return') {
      if (selected?.group.locked === undefined) selected?.item.choose();
      else setRefused(selected.group.locked);
      return 'used';
    }
    const names = all.map(({ item }) => item.name);
    const next = key.text === '' ? undefined : nextWith(names, at, key.text);
    return next === undefined ? 'unused' : select(next);
  }

  return (
    <Page heading={heading} keys={keys} onKey={onKey}>
      <Box columnGap={4}>
        {columns.map((groups, column) => (
          <Box key={column} flexDirection="column" width={36}>
            {groups.map((group, index) => (
              <Box key={group.name} flexDirection="column" paddingTop={index === 0 ? 0 : 1}>
                {group.name !== '' && (
                  <Text color={ACCENT} dimColor={group.locked !== undefined}>
                    {group.locked === undefined ? group.name : `${group.name} · not for you`}
                  </Text>
                )}
                {group.items.map((item) => (
                  <Box key={item.name} columnGap={1}>
                    <Text color={ACCENT}>{item === selected?.item ? POINTER : ' '}</Text>
                    <Text
                      bold={item === selected?.item}
                      dimColor={group.locked !== undefined}
                      wrap="truncate-end"
                    >
                      {item.name}
                    </Text>
                  </Box>
                ))}
              </Box>
            ))}
          </Box>
        ))}
      </Box>
      <Box paddingTop={1} flexDirection="column">
        <Text dimColor>{refused ?? selected?.item.about ?? ''}</Text>
        {note !== undefined && <Text dimColor>{note}</Text>}
      </Box>
    </Page>
  );
}
