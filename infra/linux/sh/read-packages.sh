# For each package one line, `installed <name>` or `absent <name>`; then `along <name>` for everything else that installing
# the absent ones would bring, and `config <name>` for what was removed before but left its configuration. That is asked
# now, because only before the installation can it be told from what was there. The package lists are renewed only when
# apt knows no candidate.
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "unreadable no known package manager (looked for apt-get and dpkg-query)"
  exit 0
fi
status() { dpkg-query -W -f='${db:Status-Status}' -- "$1" 2>/dev/null; }
absent=
for package; do
  case $(status "$package") in
  installed) echo "installed $package" ;;
  *) echo "absent $package"; absent="$absent $package" ;;
  esac
done
[ -n "$absent" ] || exit 0
plan() { apt-get -s -q --no-install-recommends install $absent 2>/dev/null; }
plan=$(plan) || { apt-get -q update >/dev/null 2>&1; plan=$(plan) || plan=; }
# An upgraded package shows its old version in brackets: it was there before.
along=$(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) (.*/\1/p')
for package in $along; do
  case " $absent " in *" $package "*) ;; *) echo "along $package" ;; esac
done
for package in $absent $along; do
  [ "$(status "$package")" != config-files ] || echo "config $package"
done | sort -u
