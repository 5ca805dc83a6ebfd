# For each package one line, `installed <name>` or `absent <name>`; then `along <name>` for everything else that installing
# the absent ones would bring, and `config <name>` for what was removed before but left its configuration (dpkg only). That
# is asked now, because only before the installation can it be told from what was there. The package lists are renewed only
# when the package manager knows no candidate. One line `unreadable <why>` stands for all that has no line of its own.
unreadable() { echo "unreadable $*" | tr '\n' ' '; exit 0; }
[ -n "$manager" ] || unreadable "$lacking"
absent=
for name; do
  missing=
  for package in $(names "$name"); do
    is=$(state "$package" 2>&1) || unreadable "$is"
    [ "$is" = installed ] || missing="$missing $package"
  done
  if [ -z "$missing" ]; then echo "installed $name"; else echo "absent $name"; fi
  absent="$absent$missing"
done
[ -n "$absent" ] || exit 0
# What the tables of dnf and yum have in the columns below `Installing…:`; a long name has a line of its own.
table() { sed -n '/^Installing/,/^[^ I]\|^$/s/^ \([^ ][^ ]*\).*/\1/p'; }
simulate() {
  case $manager in
  # An upgraded package shows its old version in brackets: it was there before.
  apt) apt-get -s -q --no-install-recommends install $absent 2>/dev/null >"$log" && sed -n 's/^Inst \([^ ]*\) (.*/\1/p' "$log" ;;
  # Said no, it exits 1, as it does when it knows no candidate.
  dnf) dnf_ --assumeno "$@" install $absent 2>&1 | table | grep . ;;
  yum) yum_ --assumeno "$@" install $absent 2>&1 | table | grep . ;;
  zypper)
    zypper_ --xmlout "$@" install --dry-run --no-recommends --auto-agree-with-licenses $absent 2>&1 |
      sed -n '/<to-install>/,/<\/to-install>/s/.*<solvable type="package" name="\([^"]*\)".*/\1/p' | grep .
    ;;
  esac
}
along=$(simulate) || {
  [ ! -e "$log.held" ] || unreadable "$(cat "$log.held")"
  case $manager in
  apt) apt update >/dev/null 2>&1; along=$(simulate) ;;
  # Without a way to the repositories, what is known of them has to do.
  zypper) along=$(simulate --no-refresh) ;;
  *) along=$(simulate -C) ;;
  esac
} || along=
for package in $along; do
  in_list "$package" "$absent" || echo "along $package"
done
[ "$manager" = apt ] || exit 0
for package in $absent $along; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' -- "$package" 2>/dev/null)" != config-files ] || echo "config $package"
done | sort -u
