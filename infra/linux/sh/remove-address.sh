# Removes an address from a device; one that is gone already (a unit's stop took it) is no failure.
output=$(ip address delete "$1" dev "$2" 2>&1) && exit 0
ip -o address show dev "$2" 2>/dev/null | grep -qwF -- "$1" || exit 0
echo "$output" >&2
exit 1
