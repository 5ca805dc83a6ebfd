#!/bin/sh
# Checks what the lab needs of this machine and installs the Debian packages that are missing; changes nothing when all is there.
#   sh infra/setup/prerequisites.sh          what the lab needs
#   sh infra/setup/prerequisites.sh tests    that, and what the tests need
set -eu
. "$(dirname "$0")/common.sh"

lacks() { fail prerequisites "$1"; }

command -v node >/dev/null || lacks "Node is missing. Install Node 20 or later, then run again."
node=$(node --version)
major=${node#v}
[ "${major%%.*}" -ge 20 ] || lacks "Node 20 or later is needed, this is $node. Install a newer one, then run again."
command -v npm >/dev/null || lacks "npm is missing. Install it (it comes with Node), then run again."

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    lacks "the lab needs Debian or Ubuntu (apt-get is missing). Run it there; clusters of real hosts need no lab."
fi
architecture=$(dpkg --print-architecture)
[ "$architecture" = amd64 ] || lacks "the lab's kernel exists for amd64 only, this is $architecture. Run it on an amd64 machine."
[ "$(id -u)" -eq 0 ] || lacks "the lab needs root for network namespaces and taps. Run again with sudo."

# Packages that are not fully installed, from the one list; a half configured package counts as missing.
# User-Mode Linux where the distribution has it: QEMU is slow where it has to emulate. A stack that names another engine says what it lacks.
engine=uml
if ! command -v linux.uml >/dev/null && ! apt-cache show user-mode-linux >/dev/null 2>&1; then
    # Perhaps no list of packages was fetched yet.
    apt-get update >/dev/null 2>&1 || true
    apt-cache show user-mode-linux >/dev/null 2>&1 || engine=qemu
fi
lists="$here/packages.txt $here/packages-$engine.txt"
[ "${1-}" != tests ] || lists="$lists $here/packages-test.txt"
# shellcheck disable=SC2086 # one word per file
wanted=$(cat $lists | sed 's/#.*//; s/[[:space:]].*//; /^$/d')
# shellcheck disable=SC2086 # one word per package
present=$(dpkg-query --show --showformat '${db:Status-Abbrev}${Package}\n' $wanted 2>/dev/null | sed -n 's/^.i  *//p') || true
missing=
for package in $wanted; do
    printf '%s\n' "$present" | grep -qx "$package" || missing="$missing $package"
done

if [ -n "$missing" ]; then
    say prerequisites "installing$missing"
    log=$(mktemp)
    policy=/usr/sbin/policy-rc.d
    # Nothing of it is to run as a service here: 101 tells Debian's maintainer scripts so (invoke-rc.d(8)).
    if [ -e "$policy" ]; then policy=; else printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; fi
    trap 'rm -f "$log" ${policy:+"$policy"}' EXIT
    trap 'exit 130' INT TERM HUP
    export DEBIAN_FRONTEND=noninteractive
    # An interrupted earlier run may have left packages unpacked but not configured.
    # shellcheck disable=SC2086 # one word per package
    if ! { dpkg --configure -a && apt-get update && apt-get install --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $missing; } </dev/null >"$log" 2>&1; then
        tail -n 10 "$log" >&2
        lacks "apt-get could not install$missing, see above. Repair that, or install them by hand, then run again."
    fi
fi

if [ ! -c /dev/net/tun ]; then
    modprobe tun 2>/dev/null || true
    [ -c /dev/net/tun ] || lacks "/dev/net/tun is missing. Load the module tun, or give the device to this container, then run again."
fi
(: <>/dev/net/tun) 2>/dev/null || lacks "/dev/net/tun cannot be opened. Give this container the device and NET_ADMIN, then run again."
unshare --net true 2>/dev/null || lacks "network namespaces are not allowed here. Run on a machine or container with SYS_ADMIN and NET_ADMIN."

free=$(df -Pk "$root" | awk 'NR == 2 { print int($4 / 1048576) }')
[ "$free" -ge 2 ] || lacks "the lab needs 2 GB of disk below $root, only $free are free. Make room, then run again."
memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
[ "$memory" -ge 1500 ] || lacks "the lab needs 1500 MB of memory, this machine has $memory. Run it on a larger one."

say prerequisites "Node ${node#v}, Debian packages and devices are there"
