#!/bin/sh
# Makes what a lab guest of a kind has beside the base image, once per image: the files of its packages, installed on a
# copy of it. Prints the archive's path as the last line.
#   sh infra/setup/image-kind.sh netplan
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
say() { echo "lab image: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

kind=${1:-}
list=$here/image/kinds/$kind.txt
[ $# -eq 1 ] && [ -f "$list" ] ||
    fail "unknown kind \"$kind\". Name one of: $(cd "$here/image/kinds" && echo *.txt | sed 's/\.txt//g')."
image=$(sh "$here/image.sh" | tail -n 1)
folder=${image%/*}
archive=$folder/kind-$kind.tar
if [ -f "$archive" ]; then
    echo "$archive"
    exit 0
fi
[ "$(id -u)" = 0 ] || fail "building needs root. Run it with sudo."

exec 9>"$folder/lock"
flock 9
if [ -f "$archive" ]; then
    echo "$archive"
    exit 0
fi
say "making a guest of kind $kind"
# The lock is ours: whatever an interrupted build left is nobody's.
rm -rf --one-file-system "$folder"/build.*
build=$(mktemp -d "$folder/build.XXXXXX")
trap 'rm -rf --one-file-system "$build"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$build/root"
PATH=$PATH:/usr/sbin:/sbin debugfs -R "rdump / $build/root" "$image" >&2
touch "$build/begin"
# A mount namespace: what is mounted goes with it, however this ends.
packages=$(sed 's/#.*//' "$list" | tr -s '\n ' ' ')
# shellcheck disable=SC2016,SC2086 # the inner shell's words; one word per package
unshare --mount sh -euc '
    mount --bind /dev "$0/dev"
    mount -t proc proc "$0/proc"
    exec chroot "$0" env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends "$@"
' "$build/root" $packages >&2
# By the time of their change: dpkg gives files the times that they had in the package. Without udev's words about
# hardware that no guest has, 20 MB.
(
    cd "$build/root"
    find . -xdev \( -path ./dev -o -path ./proc -o -path ./tmp -o -path ./run -o -path ./var/cache -o -path ./var/log -o \
        -path "./usr/lib/udev/hwdb*" \) -prune -o \
        -path . -o -cnewer "$build/begin" -print0 |
        tar --create --no-recursion --null --files-from - --file "$build/kind.tar"
)
mv "$build/kind.tar" "$archive"
say "done"
echo "$archive"
