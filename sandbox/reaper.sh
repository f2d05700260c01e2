#!/bin/sh
# Cleans up behind a sandbox, however it ended.
#
# Standard input is a pipe from the sandbox: its first line names the private
# folder, its end means that the sandbox stopped or died (also by kill -9).
# Then every process that still has that folder as CEO_SANDBOX is ended, and the
# folder removed. The folder is no argument, so that nothing bears its name but
# what belongs to it.
trap '' HUP INT QUIT TERM
IFS= read -r folder || exit 0
cat >/dev/null
case $folder in
  */ceo-sandbox-??????) ;;
  *) exit 1 ;;
esac
export folder

members() {
  for process in /proc/[0-9]*; do
    # One whole variable of the environment must match: a longer name is another sandbox.
    if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qxF "CEO_SANDBOX=$folder"; then
      echo "${process#/proc/}"
    fi
  done
}

# A process may start another between the look and the kill: look again.
for round in 1 2 3 4 5 6 7 8 9 10; do
  pids=$(members)
  [ -n "$pids" ] || break
  # shellcheck disable=SC2086
  kill -KILL $pids 2>/dev/null
  sleep 0.02
done
rm -rf -- "$folder"
