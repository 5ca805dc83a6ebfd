# For each path one line: `value <words>`, `absent` or `unreadable <reason>`.
LC_ALL=C
export LC_ALL
set -f
for p; do
  if [ -d "$p" ]; then
    echo "unreadable a folder of sysctls, not one"
  elif [ ! -e "$p" ]; then
    echo absent
  # cat and not read: the kernel answers only the first read(2), and the shell's own reads single bytes.
  elif v=$(cat "$p" 2>&1); then
    # shellcheck disable=SC2086 # the words, separated by single spaces
    set -- $v
    echo "value $*"
  else
    printf 'unreadable %s\n' "${v#cat: }"
  fi
done
