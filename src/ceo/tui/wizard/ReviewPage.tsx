/** What a wizard is about to do: shown before anything happens. */
import { Box } from 'ink';
import { useLayoutEffect, type ReactElement } from 'react';
import { Page } from '../components/Page.js';
import { Rows } from '../components/Rows.js';
import { Text } from '../components/Text.js';
import { useStage } from '../stage.js';
import { ACCENT } from '../theme.js';
import type { Review } from './wizard.js';

interface ReviewPageProps {
  readonly title: string;
  readonly position: string;
  readonly review: Review;
  readonly onConfirm: () => void;
  readonly onBack: () => void;
}

export function ReviewPage(props: ReviewPageProps): ReactElement {
  const { title, position, review, onConfirm, onBack } = props;
  const { discardKeys } = useStage();
  // Whoever pressed Enter once too often has not decided. It must not arrive before this either.
  useLayoutEffect(() => discardKeys(), [discardKeys]);
  return (
    <Page
      heading={title}
      position={position}
      keys={[
        ['Enter', review.confirm.toLowerCase()],
        ['Esc', 'back'],
      ]}
      onKey={({ name }) => {
        if (name === 'return') onConfirm();
        else if (name === 'escape') onBack();
        else return 'unused';
        return 'used';
      }}
    >
      <Text color={ACCENT}>Is this right?</Text>
      <Box paddingTop={1} paddingLeft={2}>
        <Rows rows={review.rows} />
      </Box>
      <Box paddingTop={1} paddingLeft={2} flexDirection="column">
        {(review.notes ?? []).map((note) => (
          <Text key={note}>{`• ${note}`}</Text>
        ))}
      </Box>
      <Box paddingTop={1} paddingLeft={2}>
        <Text dimColor>{`Nothing has happened yet. Enter: ${review.confirm.toLowerCase()}.`}</Text>
      </Box>
    </Page>
  );
}
