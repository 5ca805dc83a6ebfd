# The part of purge-packages.sh for dnf, yum and zypper. What goes is found by rpm, which knows what is needed by what.
purge_rpm() {
  there() {
    for package; do
      is=$(state "$package") || exit 1
      [ "$is" = absent ] || printf ' %s' "$package"
    done
  }
  # named <name>: as rpm calls it, when it is only provided by packages of other names. What rpm lacks it says where it answers.
  named() {
    for question in -q '-q --whatprovides'; do
      # shellcheck disable=SC2086 # one word or two
      if names=$(rpm $question --qf '%{NAME}\n' "$1" 2>/dev/null); then echo "$names" | sort -u; return; fi
    done
  }
  ours=$(there $ours) || exit
  along=$(there $along) || exit
  all=
  for package in $ours; do
    # One that is there under another name is ours only if it came with us.
    for name in $(named "$package"); do
      if [ "$name" = "$package" ] || in_list "$name" "$along"; then all="$all $name"; fi
    done
  done
  ours=$all
  # asked: the names of what was installed because somebody named it.
  asked() {
    case $manager in
    dnf) dnf -q -C repoquery --userinstalled --qf '%{name}' ;;
    zypper)
      auto=$(cat /var/lib/zypp/AutoInstalled 2>/dev/null | tr '\n' ' ')
      for package in $along; do in_list "$package" "$auto" || echo "$package"; done
      ;;
    yum)
      for package in $along; do
        for file in /var/lib/yum/yumdb/?/*-"$(rpm -q --qf '%{NAME}-%{VERSION}-%{RELEASE}-%{ARCH}' "$package")"/reason; do
          [ ! -r "$file" ] || [ "$(cat "$file")" != user ] || echo "$package"
        done
      done
      ;;
    esac
  }
  go=$ours
  if [ -n "$along" ]; then
    by_name=$(asked) || { echo "$by_name" >&2; exit 1; }
    by_name=$(echo "$by_name" | tr '\n' ' ')
    for package in $along; do
      in_list "$package" "$by_name" || in_list "$package" "$go" || go="$go $package"
    done
  fi
  # without <words>: $go without them.
  without() { for package in $go; do in_list "$package" "$*" || printf ' %s' "$package"; done; }
  # What something else needs is taken out, then what that needs itself, until nothing else is touched.
  while [ -n "$go" ]; do
    said=$(rpm -e --test --allmatches $go 2>&1) && break
    needed=$(printf '%s\n' "$said" | sed -n 's/^[[:space:]]*\(.*\) is needed by (installed) .*/\1/p' | sed 's/ [<>=]* .*//' | sort -u)
    [ -n "$needed" ] || { echo "$said" >&2; exit 1; }
    providers=$(printf '%s\n' "$needed" | while read -r what; do named "$what"; done)
    left=$(without $providers)
    # A condition of several packages has no provider: then only we ourselves are tried, each alone, and at last nothing.
    if [ "$left" = "$go" ]; then
      left=
      [ "$go" = "$ours" ] || left=$ours
    fi
    go=$left
  done
  for package in $ours; do in_list "$package" "$go" || stays "$package"; done
  [ -n "${go# }" ] || exit 0
  # What a package has put beside a configuration file that was there goes with it, and a file that was changed by hand stays in
  # its place: rpm would give it another name.
  beside=$(for package in $go; do
    since=$(rpm -q --qf '%{INSTALLTIME}\n' "$package" | sort -n | sed q)
    rpm -qc "$package" | sed -n '/^\//p' | while read -r path; do
      [ ! -e "$path.rpmnew" ] || [ "$(stat -c %Z "$path.rpmnew")" -lt "$since" ] || echo "new $path"
      [ -e "$path.rpmsave" ] || echo "save $path"
      echo "orig $path"
    done
  done)
  case $manager in
  dnf) dnf_ remove $go ;;
  yum) yum_ -C remove $go ;;
  zypper)
    zypper_ --no-refresh remove --no-clean-deps $go
    case $? in 0 | 102 | 103 | 106) ;; *) false ;; esac
    ;;
  esac || exit
  printf '%s\n' "$beside" | while read -r kind path; do
    case $kind in
    new) rm -f "$path.rpmnew" ;;
    save) if [ -e "$path.rpmsave" ] && [ ! -e "$path" ]; then mv "$path.rpmsave" "$path"; fi ;;
    orig) if [ -e "$path" ] && cmp -s "$path" "$path.rpmorig"; then rm -f "$path.rpmorig"; fi ;;
    esac
  done
}
