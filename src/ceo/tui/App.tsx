/** The program around the pages: the pages on top of each other, the keyboard, the size, the help. */
import { Box, useStdout } from 'ink';
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { Context } from '../context.js';
import type { Asker } from './asker.js';
import { Help } from './components/Help.js';
import { SecretPage } from './components/SecretPage.js';
import { Text } from './components/Text.js';
import type { Position } from './display.js';
import type { Key } from './keyboard.js';
import { useKeyQueue, type OnKey } from './keyQueue.js';
import { LayerContext, StageContext, type KeyUse, type Layer, type Stage } from './stage.js';
import { ACCENT, MIN_COLUMNS, MIN_ROWS } from './theme.js';

/** What the program needs of who started it. */
export interface Host {
  readonly context: Context;
  readonly username: string;
  /** Asks for passwords and shows notes for the context. */
  readonly asker: Asker;
  readonly title: string;
  leave(): void;
  /** Stops the process as Ctrl-Z does; undefined where that cannot be. */
  suspend?(): void;
  redraw?(): void;
  setCursor?(position: Position | undefined): void;
  keep(text: string): void;
  inHand(what: string | undefined): void;
}

interface AppProps {
  readonly host: Host;
  /** The page at the bottom. */
  readonly menu: ReactNode;
}

export function App({ host, menu }: AppProps): ReactElement {
  const { columns, rows } = useSize();
  const [pages, setPages] = useState<readonly ReactNode[]>([menu]);
  const [help, setHelp] = useState(false);
  const [note, setNote] = useState<string>();
  const listeners = useRef<(OnKey | undefined)[]>([]);
  const changing = useRef(false);
  const top = pages.length - 1;
  const fits = columns >= MIN_COLUMNS && rows >= MIN_ROWS;
  const hidden = help || !fits;

  function onKey(key: Key): KeyUse {
    // Nobody acts on what cannot be seen.
    if (!fits) return 'used';
    if (help) setHelp(false);
    else if (key.name === 'f1') setHelp(true);
    else {
      setNote(undefined);
      // A page that has just been opened listens in a moment.
      const use = listeners.current[top]?.(key) ?? 'later';
      if (use === 'unused' && key.text === '?') setHelp(true);
      return use;
    }
    return 'used';
  }

  function onUrgentKey({ ctrl, name }: Key): boolean {
    const act = ctrl ? URGENT[name] : undefined;
    act?.(host);
    return act !== undefined;
  }

  const keys = useKeyQueue(onKey, onUrgentKey);

  const setCursor = useCallback(
    (position: Position | undefined) => host.setCursor?.(position),
    [host],
  );
  const actions = useMemo(
    () => ({
      open: (page: ReactNode) => setPages((old) => [...old, page]),
      back: () => setPages((old) => (old.length > 1 ? old.slice(0, -1) : old)),
      leave: () => host.leave(),
      keep: (text: string) => host.keep(text),
      inHand: (what: string | undefined) => {
        changing.current = what !== undefined;
        host.inHand(what);
      },
      // A change that is under way needs the connections there are.
      reconnect: async () => {
        if (!changing.current) await host.context.close();
      },
      discardKeys: keys.discard,
    }),
    [host, keys],
  );
  useEffect(
    () =>
      host.asker.listen({
        askSecret: (question) =>
          new Promise((resolve) => {
            const onAnswer = (answer: string | undefined) => {
              actions.back();
              resolve(answer);
            };
            actions.open(<SecretPage question={question} onAnswer={onAnswer} />);
          }),
        note: setNote,
      }),
    [host, actions],
  );
  const stage: Stage = useMemo(
    () => ({
      context: host.context,
      username: host.username,
      // Where there is less they are hidden, and keep their layout.
      columns: Math.max(columns, MIN_COLUMNS),
      rows: Math.max(rows, MIN_ROWS),
      setCursor,
      ...actions,
    }),
    [host, columns, rows, setCursor, actions],
  );

  return (
    <StageContext value={stage}>
      <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
        <Box display={hidden ? 'none' : 'flex'} flexDirection="column" flexGrow={1}>
          <Header title={host.title} username={host.username} columns={columns} />
          {pages.map((page, index) => (
            <Box
              key={index}
              display={index === top ? 'flex' : 'none'}
              flexDirection="column"
              flexGrow={1}
            >
              <LayerOf
                index={index}
                isTop={index === top}
                isShown={index === top && !hidden}
                listeners={listeners}
                retry={keys.retry}
              >
                {page}
              </LayerOf>
            </Box>
          ))}
          {note !== undefined && (
            <Box paddingX={2} columnGap={1} flexShrink={0}>
              <Box flexShrink={0}>
                <Text color={ACCENT}>!</Text>
              </Box>
              <Text>{note}</Text>
            </Box>
          )}
        </Box>
        {!fits && (
          <Text>{`At least ${MIN_COLUMNS} columns and ${MIN_ROWS} rows are needed; these are ${columns} and ${rows}. Nothing is lost: make the window larger, or press Ctrl-C to leave.`}</Text>
        )}
        {fits && help && <Help columns={columns} />}
      </Box>
    </StageContext>
  );
}

/** Keys with Ctrl that wait for no page. */
const URGENT: Readonly<Record<string, (host: Host) => void>> = {
  c: (host) => host.leave(),
  z: (host) => host.suspend?.(),
  l: (host) => host.redraw?.(),
};

interface LayerOfProps {
  readonly index: number;
  readonly isTop: boolean;
  readonly isShown: boolean;
  readonly listeners: { readonly current: (OnKey | undefined)[] };
  readonly retry: () => void;
  readonly children: ReactNode;
}

function LayerOf(props: LayerOfProps): ReactElement {
  const { index, isTop, isShown, listeners, retry, children } = props;
  const layer: Layer = useMemo(
    () => ({
      isTop,
      isShown,
      listen: (onKey: OnKey) => {
        listeners.current[index] = onKey;
      },
      retry,
    }),
    [index, isTop, isShown, listeners, retry],
  );
  useEffect(
    () => () => {
      listeners.current[index] = undefined;
    },
    [index, listeners],
  );
  return <LayerContext value={layer}>{children}</LayerContext>;
}

interface HeaderProps {
  readonly title: string;
  readonly username: string;
  readonly columns: number;
}

function Header({ title, username, columns }: HeaderProps): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box paddingX={2} justifyContent="space-between">
        <Box columnGap={1}>
          <Text bold color={ACCENT}>
            ceo
          </Text>
          <Text>{title}</Text>
        </Box>
        <Text dimColor>{username}</Text>
      </Box>
      <Text dimColor>{'─'.repeat(columns)}</Text>
    </Box>
  );
}

/** The terminal's size, now and after each change. */
function useSize(): { readonly columns: number; readonly rows: number } {
  const { stdout } = useStdout();
  const measure = useCallback(
    () => ({ columns: stdout.columns, rows: (stdout.rows as number | undefined) ?? MIN_ROWS }),
    [stdout],
  );
  const [size, setSize] = useState(measure);
  useEffect(() => {
    const resized = () => setSize(measure());
    stdout.on('resize', resized);
    return () => {
      stdout.off('resize', resized);
    };
  }, [stdout, measure]);
  return size;
}
