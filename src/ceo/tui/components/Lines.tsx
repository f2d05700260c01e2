/** What was done, line by line, each with a mark. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { isWarning, Status, type StatusLine } from '../../../protocol/status.js';
import { ACCENT, FAILURE } from '../theme.js';
import { Text } from './Text.js';

export interface Line {
  readonly mark: 'done' | 'warning' | 'failed' | 'none';
  readonly text: string;
}

const GLYPH = { done: '✓', warning: '!', failed: '✗', none: ' ' } as const;

export function Lines({ lines }: { readonly lines: readonly Line[] }): ReactElement {
  return (
    <Box flexDirection="column">
      {lines.map(({ mark, text }, index) => (
        <Box key={index} columnGap={1}>
          <Box flexShrink={0}>
            <Text color={mark === 'failed' ? FAILURE : ACCENT}>{GLYPH[mark]}</Text>
          </Box>
          <Text>{text}</Text>
        </Box>
      ))}
    </Box>
  );
}

/** What each step of an op came to. */
export const linesOfSteps = (steps: readonly StatusLine[]): Line[] =>
  steps.map((step) => ({
    mark: step.status !== Status.OK ? 'failed' : isWarning(step) ? 'warning' : 'done',
    text: step.message,
  }));

export const done = (text: string): Line => ({ mark: 'done', text });
