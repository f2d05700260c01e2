/** Asks for a password in the middle of something else. */
import { Box } from 'ink';
import { useState, type ReactElement } from 'react';
import { editLine, lineOf } from '../lineEditor.js';
import { ACCENT, POINTER } from '../theme.js';
import { Page } from './Page.js';
import { Text } from './Text.js';
import { TextField } from './TextField.js';

interface SecretPageProps {
  readonly question: string;
  /** Undefined: nobody wants to answer. */
  readonly onAnswer: (answer: string | undefined) => void;
}

export function SecretPage({ question, onAnswer }: SecretPageProps): ReactElement {
  const [line, setLine] = useState(lineOf(''));
  return (
    <Page
      heading="Sign in"
      keys={[
        ['Enter', 'sign in'],
        ['Esc', 'do not'],
      ]}
      onKey={(key) => {
        if (key.name === 'return') onAnswer(line.text);
        else if (key.name === 'escape') onAnswer(undefined);
        else {
          const edited = editLine(line, key);
          if (edited === undefined) return 'unused';
          setLine(edited);
        }
        return 'used';
      }}
    >
      <Text>{question}</Text>
      <Box paddingTop={1} columnGap={1}>
        <Text color={ACCENT}>{POINTER}</Text>
        <TextField line={line} width={40} focused secret />
      </Box>
    </Page>
  );
}
