/** The keys that work everywhere. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Rows, type Row } from './Rows.js';
import { ACCENT } from '../theme.js';
import { Text } from './Text.js';

const KEYS: readonly Row[] = [
  ['↑ ↓ Tab', 'to the item or field above, below'],
  ['← →', 'to the other column; in a line, to the other character'],
  ['letter', 'to the next item that begins with it'],
  ['Enter', 'choose; next'],
  ['Esc', 'back; what was typed is kept'],
  ['PgUp PgDn', 'through long lists and pages; in a list, / shows what contains some words'],
  ['Tab', 'in a field that can be completed: complete it'],
  ['Ctrl-A Ctrl-E', 'to the beginning, the end of a line'],
  ['Ctrl-U Ctrl-K', 'delete to the beginning, the end of a line'],
  ['Ctrl-W', 'delete a word'],
  ['? F1', 'these keys; in a field that takes text only F1'],
  ['Ctrl-L', 'draw the screen anew'],
  ['Ctrl-Z', 'stop for a while; fg comes back'],
  ['Ctrl-C', 'leave ceo at once'],
];

export function Help({ columns }: { readonly columns: number }): ReactElement {
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Box paddingX={2}>
        <Text bold>Keys</Text>
      </Box>
      <Box flexDirection="column" padding={2} flexGrow={1}>
        <Rows rows={KEYS} />
        <Box paddingTop={1}>
          <Text>Each page shows at the bottom which keys work there.</Text>
        </Box>
        <Text>Errors are printed again when you leave, to be copied. See also: ceo --help</Text>
      </Box>
      <Text dimColor>{'─'.repeat(columns)}</Text>
      <Box paddingX={2} columnGap={1}>
        <Text color={ACCENT}>any key</Text>
        <Text>back</Text>
      </Box>
    </Box>
  );
}
