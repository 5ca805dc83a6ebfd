# $1 path, $2 target, $3 owner:group: puts a symbolic link in place of whatever file is there.
set -eu
d=${1%/*} b=${1##*/} t=
umask 022
mkdir -p -- "$d/"
rm -f -- "$d/.$b.pulumi-lvs."[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]
trap 'exit 143' HUP INT TERM
trap 'if [ -n "$t" ]; then rm -f -- "$t"; fi' EXIT
t=$(mktemp -u -- "$d/.$b.pulumi-lvs.XXXXXX")
ln -s -- "$2" "$t"
chown -h -- "$3" "$t"
mv -T -f -- "$t" "$1"
t=
if command -v restorecon >/dev/null; then restorecon -- "$1"; fi
