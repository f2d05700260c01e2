/** Everything that is fuzzed, by name: a file in targets/, and here a line. */
import type { Target } from './target.js';
import * as bodies from './targets/bodies.js';
import * as books from './targets/books.js';
import * as frames from './targets/frames.js';
import * as keys from './targets/keys.js';
import * as people from './targets/people.js';
import * as principals from './targets/principals.js';
import * as settings from './targets/settings.js';
import * as text from './targets/text.js';

export const targets: Readonly<Record<string, Target>> = {
  frames,
  bodies,
  principals,
  settings,
  people,
  books,
  keys,
  text,
};
