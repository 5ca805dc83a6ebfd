# <address>/<length> <device> [<words of `ip address add`>]: removes an address, and adds it anew with the given words.
# One that is gone already (a unit's stop took it) is no failure.
case $1 in
*:*) ;;
*)
  # Without this, a primary IPv4 address takes the others of its subnet along.
  promote=/proc/sys/net/ipv4/conf/$2/promote_secondaries
  if [ "$(cat "$promote" 2>/dev/null)" = 0 ]; then
    trap 'exit 143' HUP INT TERM
    trap 'echo 0 >"$promote"' EXIT
    echo 1 >"$promote" || exit 1
  fi
  ;;
esac
if ! output=$(ip address delete "$1" dev "$2" 2>&1) && ip -o address show dev "$2" 2>/dev/null | grep -qwF -- "$1"; then
  echo "$output" >&2
  exit 1
fi
cidr=$1 device=$2
shift 2
[ $# = 0 ] || ip address add "$cidr" dev "$device" "$@"
