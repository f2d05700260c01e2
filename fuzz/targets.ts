/** Everything that is fuzzed, by name: a file in targets/, and here a line. */
import type { Target } from './target.js';
import * as bodies from './targets/bodies.js';
import * as books from './targets/books.js';
import * as channel from './targets/channel.js';
import * as frames from './targets/frames.js';
import * as journal from './targets/journal.js';
import * as keys from './targets/keys.js';
import * as logs from './targets/logs.js';
import * as people from './targets/people.js';
import * as principals from './targets/principals.js';
import * as settings from './targets/settings.js';
import * as sessions from './targets/sessions.js';
import * as text from './targets/text.js';

export const targets: Readonly<Record<string, Target>> = {
  frames,
  bodies,
  channel,
  sessions,
  logs,
  journal,
  principals,
  settings,
  people,
  books,
  keys,
  text,
};
