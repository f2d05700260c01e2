// Loaded before a program of ours, which an older Node would answer with a stack; itself in words
// that every Node understands.
'use strict';

var least = '@NODE@'.split('.').map(Number);
var version = process.versions.node.split('.').map(Number);
if (version[0] < least[0] || (version[0] === least[0] && version[1] < least[1])) {
  process.stderr.write(
    'ceo needs Node.js @NODE@ or later, and ' +
      process.execPath +
      ' is ' +
      process.version +
      ': install the package ceo-node, or a newer nodejs.\n',
  );
  process.exit(10);
}
