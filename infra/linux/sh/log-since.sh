# $1 log of nginx, $2 its inode and $3 its length by then. Counts what was written since, by the words before the second quote.
# Rotated meanwhile: the rest of the old file, then the new one. Cut to nothing in its place: all of it.
set -eu
after() {
  [ "$(stat -c %s -- "$1")" -ge "$2" ] || set -- "$1" 0
  tail -c "+$(($2 + 1))" -- "$1"
}
written() {
  now=$(stat -c %i -- "$1" 2>/dev/null || echo 0)
  if [ "$now" = "$2" ]; then
    [ "$now" = 0 ] || after "$1" "$3"
    return
  fi
  for old in "$1".* "$1"-*; do
    if [ -f "$old" ] && [ "$(stat -c %i -- "$old")" = "$2" ]; then after "$old" "$3"; fi
  done
  [ "$now" = 0 ] || cat -- "$1"
}
written "$@" | cut -d '"' -f 1-2 | sort | uniq -c
