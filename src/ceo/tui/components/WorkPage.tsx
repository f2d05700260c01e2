/** A page whose work is not done: it is under way, or has failed and may be tried again. */
import type { ReactElement } from 'react';
import { act } from '../stage.js';
import type { Work } from '../useWork.js';
import { Page } from './Page.js';
import { Problem } from './Problem.js';
import { Waiting } from './Waiting.js';

interface WorkPageProps {
  readonly heading: string;
  readonly position?: string;
  readonly work: Work<unknown>;
  readonly onAgain: () => void;
  readonly onBack: () => void;
}

export function WorkPage(props: WorkPageProps): ReactElement {
  const { heading, position, work, onAgain, onBack } = props;
  const failed = work.state === 'failed';
  return (
    <Page
      heading={heading}
      position={position}
      keys={[...(failed ? [['Enter', 'try again'] as const] : []), ['Esc', 'back']]}
      onKey={({ name }) => {
        if (name === 'escape') return act(onBack);
        if (failed && name === 'return') return act(onAgain);
        return failed ? 'unused' : 'later';
      }}
    >
      {failed ? <Problem error={work.error} changes={false} /> : <Waiting what="Looking" />}
    </Page>
  );
}
