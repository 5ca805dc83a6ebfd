# For each path one line: `file <mode> <owner> <uid> <group> <gid> <base64>`, `link <owner> <uid> <group> <gid> <base64>`,
# `unreadable <reason>` or `absent`, the latter after a line `missing <folder>` for each parent, outermost first.
LC_ALL=C
export LC_ALL
no() { printf 'unreadable %s\n' "$*" | tr '\n' ' '; echo; }
for p; do
  if [ -L "$p" ]; then
    if a=$(stat -c '%U %u %G %g' -- "$p") && t=$(readlink -n -- "$p" | base64 -w 0) && [ -n "$t" ]; then
      printf 'link %s %s\n' "$a" "$t"
    else
      no "the link cannot be read"
    fi
  elif [ -f "$p" ]; then
    a=$(stat -c '%s %a %U %u %G %g' -- "$p" 2>&1) || { no "$a"; continue; }
    if [ "${a%% *}" -gt 1048576 ]; then
      no "a file of ${a%% *} bytes, more than 1 MiB"
    # base64 opens the file itself: a failure would be lost in a pipe.
    elif c=$(base64 -w 0 -- "$p" 2>&1); then
      printf 'file %s %s\n' "${a#* }" "$c"
    else
      no "$c"
    fi
  elif [ -e "$p" ]; then
    no "a $(stat -c %F -- "$p")"
  else
    e=$(stat -- "$p" 2>&1)
    case $e in *': No such file or directory') ;; *) no "$e"; continue ;; esac
    m='' d=${p%/*}
    while [ -n "$d" ] && [ ! -e "$d" ] && [ ! -L "$d" ]; do
      m="missing $d
$m" d=${d%/*}
    done
    if [ -d "$d/" ]; then
      [ -z "$m" ] || printf %s "$m"
      echo absent
    else
      no "$d is not a folder"
    fi
  fi
done
