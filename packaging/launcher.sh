#!/bin/sh
# @NAME@, by the Node of the package ceo-node if that is installed, else by Debian's. Never by one
# that happens to be on the PATH.
code=/usr/lib/ceo/@VERSION@
node=/usr/lib/ceo/node/bin/node
[ -x "$node" ] || node=/usr/bin/node
if ! [ -x "$node" ]; then
  echo '@NAME@: there is no Node.js: install the package nodejs (@NODE@ or later) or ceo-node.' >&2
  exit 10
fi
if ! [ -d "$code" ]; then
  echo "@NAME@: $code is not there yet: the package ceo-common is being installed; try again in a moment." >&2
  exit 10
fi
exec "$node" --require "$code/check-node.cjs" "$code/dist/@PROGRAM@.js" @ARGUMENTS@"$@"
