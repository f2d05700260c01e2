#!/bin/sh
# Cleans up behind a sandbox, however it ended.
#
# Standard input is a pipe from the sandbox: its first line names the private
# folder, its end means that the sandbox stopped or died (also by kill -9).
# Then every process whose environment still names that folder is ended, and the
# folder removed. The folder is no argument here and below, so that nothing bears
# its name but what belongs to it.
trap '' HUP INT QUIT TERM
IFS= read -r folder || exit 0
cat >/dev/null
case $folder in
  */ceo-sandbox-??????) ;;
  *) exit 1 ;;
esac

inside() {
  printf '%s\n' "$folder" |
    grep --files-with-matches --no-messages --text --fixed-strings --file=- /proc/[0-9]*/environ |
    sed 's,^/proc/,,; s,/environ$,,'
}

# A process may start another between the look and the kill: look again.
for round in 1 2 3 4 5 6 7 8 9 10; do
  pids=$(inside)
  [ -n "$pids" ] || break
  # shellcheck disable=SC2086
  kill -KILL $pids 2>/dev/null
  sleep 0.02
done
# The one thing of a killed PostgreSQL that is in no file of the folder.
segment=$(sed -n '7s/.* //p' "$folder/postgresql/data/postmaster.pid" 2>/dev/null)
[ -z "$segment" ] || ipcrm --shmem-id "$segment" 2>/dev/null
# What a test mounted would be in the way, and answer nobody.
sed -n 's/^[^ ]* \([^ ]*\) .*/\1/p' /proc/self/mounts | while IFS= read -r mounted; do
  case $mounted in
    "$folder"/*) umount --lazy -- "$mounted" ;;
  esac
done
rm -rf -- "$folder"
