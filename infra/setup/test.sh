#!/bin/sh
# npm test: prepares the machine as quickstart does, then runs every test; arguments go to the test runner.
set -eu
. "$(dirname "$0")/common.sh"
cd "$root"

sh "$here/prerequisites.sh" tests
sh "$here/dependencies.sh"
sh "$here/engine.sh"
lab_engine=$(node --import tsx infra/lab/cli.ts engine)
image=$(sh "$here/image.sh" "$lab_engine")
say image "$image"
eval "$(sh "$here/env.sh")"
say test "node --import tsx test/run.ts"
exec node --import tsx test/run.ts "$@" </dev/null
