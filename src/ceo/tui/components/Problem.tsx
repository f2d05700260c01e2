/** An error as people need it: what failed, whether anything was changed, what to do next. */
import { Box } from 'ink';
import { useEffect, type ReactElement } from 'react';
import type { CeoError, ErrorCode } from '../../../errors.js';
import { useShell } from '../shell.js';
import { FAILURE } from '../theme.js';
import { Text } from './Text.js';

interface ProblemProps {
  readonly error: CeoError;
  /** The command that does what is missing. */
  readonly finish?: string | undefined;
  /** False where nothing could have been changed. */
  readonly changes?: boolean;
}

/** Without a border, so that it can be marked and copied; it is printed at the end as well. */
export function Problem({ error, finish, changes = true }: ProblemProps): ReactElement {
  const { keep } = useShell();
  const { message, code, next = whatNext(code) } = error;
  const changed = changes ? whatWasChanged(code) : undefined;
  useEffect(() => {
    const lines = [message, changed, next, finish && `To finish: ${linesOf(finish).join('\n')}`];
    keep(lines.filter((line) => line !== undefined).join('\n'));
  }, [changed, finish, keep, message, next]);
  return (
    <Box flexDirection="column">
      <Box columnGap={1}>
        <Box flexShrink={0}>
          <Text color={FAILURE}>✗</Text>
        </Box>
        <Text bold>{message}</Text>
      </Box>
      <Box flexDirection="column" paddingLeft={2}>
        {changed !== undefined && <Text>{changed}</Text>}
        {next !== undefined && <Text>{next}</Text>}
        {finish !== undefined && (
          <>
            <Text>To finish:</Text>
            {linesOf(finish).map((line) => (
              <Text key={line}>{`  ${line}`}</Text>
            ))}
          </>
        )}
      </Box>
    </Box>
  );
}

/** One command a line: what is wrapped could not be copied. */
const linesOf = (commands: string) => commands.replaceAll(' && ', ' &&\n').split('\n');

/** Whether anything was changed. */
const whatWasChanged = (code: ErrorCode): string => CHANGED[code] ?? 'Nothing was changed.';

const CHANGED: Partial<Record<ErrorCode, string>> = {
  outcome_unknown: 'It may or may not have been done: look before you try again.',
  partly_failed: 'What was done before stands.',
};

/** What to do about an error that does not say it. */
const whatNext = (code: ErrorCode): string | undefined => NEXT[code];

const NEXT: Partial<Record<ErrorCode, string>> = {
  denied: 'Ask somebody who may do this.',
  exists: 'Choose another name, or look at what there is.',
  not_found: 'Check the spelling.',
  usage: 'Correct it, and try again.',
  failed: 'Correct what it names, and try again; or tell the systems committee.',
};
