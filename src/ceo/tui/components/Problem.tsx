/** An error as people need it: what failed, whether anything was changed, what to do next. */
import { Box } from 'ink';
import { useEffect, type ReactElement } from 'react';
import type { CeoError } from '../../../errors.js';
import { whatNext, whatWasChanged } from '../../whatNext.js';
import { useStage } from '../stage.js';
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
  const { keep } = useStage();
  const { message } = error;
  const next = whatNext(error);
  const changed = changes ? whatWasChanged(error) : undefined;
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
