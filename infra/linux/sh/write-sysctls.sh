# Pairs of a path and its value.
set -u
while [ $# -gt 0 ]; do
  if [ ! -e "$1" ]; then
    echo "$1: does not exist; the module or the device that brings it is missing" >&2
    exit 1
  fi
  # One write(2): the kernel takes each for a whole value.
  printf '%s\n' "$2" >"$1" || { echo "$1: did not take the value $2" >&2; exit 1; }
  shift 2
done
