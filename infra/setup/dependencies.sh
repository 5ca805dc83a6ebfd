#!/bin/sh
# Installs the packages of package-lock.json with `npm ci` when node_modules is missing, unfinished or older than the lock file.
set -eu
. "$(dirname "$0")/common.sh"
cd "$root"

# npm writes this file last, so its presence means a finished install; `npm install` refreshes it too.
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    say dependencies "npm ci"
    npm ci --no-audit --no-fund --loglevel=error </dev/null || fail dependencies "npm ci failed, see above. Run it by hand, then run again."
fi
say dependencies "node_modules is as package-lock.json says"
