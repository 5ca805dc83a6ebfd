# $1 path, $2 mode, $3 owner:group, content on standard input. A reader sees the old file or the new one, never a part.
set -eu
d=${1%/*} b=${1##*/} t=
umask 022
mkdir -p -- "$d/"
# What an earlier write of this very file left when it was killed.
rm -f -- "$d/.$b.pulumi-lvs."[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]
# The trap on EXIT alone would not run when the script is ended by SIGTERM.
trap 'exit 143' HUP INT TERM
trap 'if [ -n "$t" ]; then rm -f -- "$t"; fi' EXIT
t=$(mktemp -- "$d/.$b.pulumi-lvs.XXXXXX")
# Before the content, so that a secret is never readable to others; chown first, for it clears setuid and setgid.
chown -- "$3" "$t"
chmod -- "$2" "$t"
cat >"$t"
sync -- "$t"
mv -T -f -- "$t" "$1"
t=
if command -v restorecon >/dev/null; then restorecon -- "$1"; fi
