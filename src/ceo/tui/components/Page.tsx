/** The frame of every page: a heading, what it is about, and the keys that work now. */
import { Box, measureElement, type DOMElement } from 'ink';
import {
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { Key } from '../keyboard.js';
import { LayerContext, useStage, type KeyUse } from '../stage.js';
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
  /** What counts most stands at the end: that is what is seen if not all of it fits. */
  readonly endFirst?: boolean;
  readonly children: ReactNode;
}

export function Page(props: PageProps): ReactElement {
  const { heading, position, keys, onKey, endFirst = false, children } = props;
  const layer = useContext(LayerContext);
  const { columns } = useStage();
  const scroll = useScroll(endFirst);
  useLayoutEffect(() =>
    layer?.listen((key) => {
      const use = onKey(key);
      return use === 'unused' ? scroll.onKey(key) : use;
    }),
  );
  useEffect(() => layer?.retry());
  const shownKeys = scroll.needed ? [...keys, ['PgUp PgDn', 'scroll'] as const] : keys;
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Box paddingX={2} justifyContent="space-between" flexShrink={0}>
        <Text bold>{heading}</Text>
        <Text dimColor>{position ?? ''}</Text>
      </Box>
      <Box paddingX={2} paddingTop={1} flexDirection="column" flexGrow={1} flexShrink={1}>
        <Box ref={scroll.window} flexDirection="column" flexGrow={1} overflow="hidden">
          <Box
            ref={scroll.content}
            flexDirection="column"
            flexShrink={0}
            marginTop={-scroll.offset}
          >
            {children}
          </Box>
        </Box>
      </Box>
      <Box flexDirection="column" flexShrink={0}>
        <Text dimColor>{'─'.repeat(columns)}</Text>
        <Box paddingX={2} columnGap={3}>
          {shownKeys.map(([key, does]) => (
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

/** Moves what does not fit through the window that there is for it. */
function useScroll(endFirst: boolean) {
  const window = useRef<DOMElement>(null);
  const content = useRef<DOMElement>(null);
  /** Rows that do not fit. */
  const [excess, setExcess] = useState(0);
  /** Rows above the window; undefined: nobody has scrolled. */
  const [above, setAbove] = useState<number>();
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    if (window.current === null || content.current === null) return;
    const room = measureElement(window.current).height;
    setHeight(room);
    setExcess(Math.max(0, measureElement(content.current).height - room));
  });
  const offset = Math.min(above ?? (endFirst ? excess : 0), excess);
  const onKey = ({ name }: Key): KeyUse => {
    if (excess === 0 || (name !== 'pageup' && name !== 'pagedown')) return 'unused';
    const step = Math.max(1, height - 1) * (name === 'pageup' ? -1 : 1);
    setAbove(Math.max(0, Math.min(offset + step, excess)));
    return 'used';
  };
  return { window, content, offset, needed: excess > 0, onKey };
}
