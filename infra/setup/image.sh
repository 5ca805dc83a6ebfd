#!/bin/sh
# Builds the disk image that all lab machines of an engine start from, once per recipe; prints its path as the last line.
#   sh infra/setup/image.sh [ENGINE]           build it if it is not there
#   sh infra/setup/image.sh --path [ENGINE]    only print where it is or would be
# ENGINE is uml (when none is named), or qemu for any way to run QEMU: kvm, tcg.
set -eu
umask 022

recipe=$(cd "$(dirname "$0")" && pwd)/image
say() { echo "lab image: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

only=
if [ "${1:-}" = --path ]; then
    only=path
    shift
fi
[ $# -le 1 ] || fail "unknown arguments $*. Give none, or --path, then an engine."
case ${1:-uml} in
uml)
    engine=uml
    tools="linux.uml:user-mode-linux tcc:tcc"
    name=image
    others=qemu
    ;;
qemu | kvm | tcg)
    engine=qemu
    tools="qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils"
    name=image-qemu
    others=uml
    ;;
*) fail "unknown engine $1. Give uml, qemu, kvm or tcg." ;;
esac

missing=
for tool in $tools mmdebstrap:mmdebstrap mke2fs:e2fsprogs flock:util-linux; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${tool%%:*}" >/dev/null || missing="$missing ${tool##*:}"
done
[ -z "$missing" ] || fail "Debian packages are missing for the engine $engine. Run: apt-get install --yes --no-install-recommends$missing"

# shellcheck disable=SC1091 # the host's own
. /etc/os-release
[ "${ID:-}" = debian ] || fail "guests are made from the host's own Debian sources, but this host is ${PRETTY_NAME:-unknown}. Use a Debian host."
suite=$VERSION_CODENAME

key=$(
    {
        echo "$suite"
        [ "$engine" != uml ] || dpkg-query --show user-mode-linux
        cd "$recipe" && find . -type f ! -path "./$others/*" | LC_ALL=C sort | xargs sha256sum
        sha256sum "$recipe/../image.sh" "$recipe/../image-kind.sh" | cut -d " " -f 1
    } | sha256sum | cut -c 1-12
)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pulumi-lvs
folder=$cache/$name-$key
image=$folder/base.img

if [ -n "$only" ]; then
    echo "$image"
    exit 0
fi
if [ -f "$image" ]; then
    echo "$image"
    exit 0
fi
[ "$(id -u)" = 0 ] || fail "building needs root. Run it with sudo."

mkdir -p "$cache"
exec 9>"$cache/lock"
flock --nonblock 9 || {
    say "another build is running, waiting for it"
    flock 9
}
if [ -f "$image" ]; then
    echo "$image"
    exit 0
fi

# The lock is ours: whatever an interrupted build left is nobody's.
rm -rf --one-file-system "$cache"/build.*
build=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf --one-file-system "$build"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# The guest's root directory must not inherit mktemp's 0700.
mkdir "$build/root" "$build/image"

# The host's own sources, mirror and proxy: a lab must not need another way out than the host has.
apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '
        $(NF) == "main" && ($(NF - 1) == suite || $(NF - 1) ~ "^" suite "(-updates|-security|/updates)$") {
            line = "deb " $(NF - 2) " " $(NF - 1) " main"
            if ($1 == "Debian") { known[line] } else { other[line] }
        }
        # Without downloaded lists apt knows no origin, and third parties use the same suite names.
        END { n = 0; for (line in known) { print line; n++ } if (!n) for (line in other) print line }
    ' | sort >"$build/sources.list"
[ -s "$build/sources.list" ] || fail "apt has no source for Debian $suite main. Add one to /etc/apt/sources.list.d and run again."
apt-config dump | grep -E '^Acquire::(.*Proxy|Check-Valid-Until|Check-Date|Retries|https?::)' >"$build/apt.conf" || true
cat >>"$build/apt.conf" <<'CONF'
Acquire::Languages "none";
CONF

words() { cat "$@" | sed 's/#.*//' | tr -s '\n ' ' '; }
say "making a Debian $suite guest for $engine (about a minute)"
# A mount namespace: what is mounted into the guest goes with it, however this ends; a mount that stays would be in the way
# of the next build.
unshare --mount mmdebstrap --variant=minbase --mode=root --format=directory \
    --include="$(words "$recipe/packages-base.txt" "$recipe/$engine/packages-base.txt")" \
    --aptopt="$build/apt.conf" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --skip=cleanup/apt \
    --customize-hook="sh '$recipe/customize.sh' \"\$1\" $engine '$build/image'" \
    "$suite" "$build/root" "$build/sources.list" >&2

say "writing the file system"
mke2fs -q -t ext4 -L lab-root -m 0 -E lazy_itable_init=0,root_owner=0:0 -d "$build/root" "$build/image/base.img" 1536M >&2
# Same size and time for ever: a copy-on-write disk refuses a base that differs from the one it was made on.
sync -f "$build/image/base.img"
rm -rf "$folder"
mv -T "$build/image" "$folder"

# Images of former recipes go, unless a machine of a lab still stands on one.
for old in "$cache/$name"-????????????; do
    [ "$old" != "$folder" ] || continue
    grep -rqsF "$old/" "${PULUMI_LVS_STATE_DIR:-/var/lib/pulumi-lvs}/labs" --include=machine.json || rm -rf --one-file-system "$old"
done
say "done"
echo "$image"
