/** Labels and their values, one a line, aligned. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import stringWidth from 'fast-string-width';
import { Text } from './Text.js';

export type Row = readonly [label: string, value: string];

export const labelWidth = (labels: readonly string[]): number =>
  Math.max(0, ...labels.map((label) => stringWidth(label)));

export function Rows({ rows }: { readonly rows: readonly Row[] }): ReactElement {
  const width = labelWidth(rows.map(([label]) => label));
  return (
    <Box flexDirection="column">
      {rows.map(([label, value]) => (
        <Box key={label} columnGap={2}>
          <Box width={width} flexShrink={0}>
            <Text dimColor>{label}</Text>
          </Box>
          <Text>{value}</Text>
        </Box>
      ))}
    </Box>
  );
}
