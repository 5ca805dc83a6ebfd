# For each package one line, `installed <name>` or `absent <name>`; then `along <name>` for everything that installing the
# absent ones would bring. That is asked now, because only before the installation can it be told from what was there.
# The package lists are renewed only when apt knows no candidate.
absent=
for package; do
  case $(dpkg-query -W -f='${db:Status-Status}' -- "$package" 2>/dev/null) in
  installed) echo "installed $package" ;;
  *) echo "absent $package"; absent="$absent $package" ;;
  esac
done
[ -n "$absent" ] || exit 0
plan() { apt-get -s -q --no-install-recommends install $absent 2>/dev/null; }
plan=$(plan) || { apt-get -q update >/dev/null 2>&1; plan=$(plan) || exit 0; }
printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) .*/along \1/p'
