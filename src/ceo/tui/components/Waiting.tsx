/** That something is under way, and for how long. */
import { Box } from 'ink';
import { useEffect, useState, type ReactElement } from 'react';
import { ACCENT } from '../theme.js';
import { Text } from './Text.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

export function Waiting({ what }: { readonly what: string }): ReactElement {
  const elapsedMs = useElapsed();
  const frame = FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length] ?? '';
  const seconds = Math.floor(elapsedMs / 1000);
  return (
    <Box columnGap={1}>
      <Text color={ACCENT}>{frame}</Text>
      <Text>{what}</Text>
      {seconds > 0 && <Text dimColor>{`${seconds} s`}</Text>}
    </Box>
  );
}

/** Milliseconds since the component came up. */
function useElapsed(): number {
  const [elapsedMs, setElapsed] = useState(0);
  useEffect(() => {
    const startedAt = performance.now();
    const timer = setInterval(() => setElapsed(performance.now() - startedAt), FRAME_MS);
    return () => clearInterval(timer);
  }, []);
  return elapsedMs;
}
