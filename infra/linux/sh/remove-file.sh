# $1 path, then the folders that go with it where they are empty, innermost first.
set -eu
d=${1%/*} b=${1##*/}
rm -f -- "$1" "$d/.$b.pulumi-lvs."[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]
shift
for d; do
  if [ -d "$d" ] && [ ! -L "$d" ]; then rmdir --ignore-fail-on-non-empty -- "$d"; fi
done
