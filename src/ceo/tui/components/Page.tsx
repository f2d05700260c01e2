/** The frame of every page: a heading, what it is about, and the keys that work now. */
import { Box } from 'ink';
import { useContext, useEffect, useLayoutEffect, type ReactElement, type ReactNode } from 'react';
import type { Key } from '../keyboard.js';
import { LayerContext, useShell, type KeyUse } from '../shell.js';
import { ACCENT } from '../theme.js';
import { Text } from './Text.js';

/** A key, and what it does now. */
export type KeyHint = readonly [key: string, does: string];

interface PageProps {
  readonly heading: string;
  /** Where one is: `2 of 4`. */
  readonly position?: string | undefined;
  readonly keys: readonly KeyHint[];
  readonly onKey: (key: Key) => KeyUse;
  readonly children: ReactNode;
}

export function Page({ heading, position, keys, onKey, children }: PageProps): ReactElement {
  const layer = useContext(LayerContext);
  const { columns } = useShell();
  useLayoutEffect(() => layer?.listen(onKey));
  useEffect(() => layer?.retry());
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Box paddingX={2} justifyContent="space-between" flexShrink={0}>
        <Text bold>{heading}</Text>
        <Text dimColor>{position ?? ''}</Text>
      </Box>
      <Box flexDirection="column" flexGrow={1} paddingX={2} paddingTop={1} overflow="hidden">
        <Box flexDirection="column" flexShrink={0}>
          {children}
        </Box>
      </Box>
      <Box flexDirection="column" flexShrink={0}>
        <Text dimColor>{'─'.repeat(columns)}</Text>
        <Box paddingX={2} columnGap={3}>
          {keys.map(([key, does]) => (
            <Box key={key} columnGap={1} flexShrink={0}>
              <Text color={ACCENT}>{key}</Text>
              <Text wrap="truncate-end">{does}</Text>
            </Box>
          ))}
        </Box>
      </Box>
    </Box>
  );
}
