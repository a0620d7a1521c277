#!/bin/sh
# Stands between the keeper and the walls, in a session of its own: the sandbox outlives
# the keeper, dies with the shim (bwrap --die-with-parent), and leaves its exit code.
#
#   shim.sh FOLDER [CGROUP_PROCS…] -- COMMAND…
#
# FOLDER holds `args` (of bubblewrap) and `filter` (of system calls), and receives `info`
# (where the first process is) and `exit`. Each CGROUP_PROCS is a cgroup to join.
folder=$1
shift
while [ "$1" != -- ]; do
  echo 0 >"$1" || exit 125
  shift
done
shift
"$@" 3<"$folder/args" 4<"$folder/filter" 5>"$folder/info"
echo $? >"$folder/exit.new"
mv "$folder/exit.new" "$folder/exit"
