/** Where the journal is (accounts/journal.ts): whoever writes there has root undo something. */
import path from 'node:path';

/** Of the files that are read: whatever else is in the folder is nothing. */
export const JOURNAL_SUFFIX = '.journal';

export const journalIn = (stateDir: string): string => path.join(stateDir, 'journal');
