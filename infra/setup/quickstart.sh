#!/bin/sh
# npm run quickstart: from a fresh clone to a serving DR pair in a lab of real Linux kernels. Can be run again after any interruption.
set -eu
. "$(dirname "$0")/common.sh"
cd "$root"
stack=lab-dr

up() {
    say up "stack $stack"
    sh "$here/pulumi.sh" up --yes --skip-preview --stack "$stack" </dev/null || return 1
    say report "stack $stack is up, asking its machines"
    node --import tsx "$here/report.ts" "$stack" </dev/null
}

sh "$here/prerequisites.sh"
sh "$here/dependencies.sh"
sh "$here/engine.sh"
say image "looking for the lab image, built once in about a minute"
lab_engine=$(node --import tsx infra/lab/cli.ts engine)
image=$(sh "$here/image.sh" "$lab_engine")
say image "$image"

earlier=$(find .pulumi-state/.pulumi/stacks -name "$stack.json*" 2>/dev/null || true)
if ! up; then
    again="Run npm run quickstart again, or start afresh with npm run -s pulumi -- destroy -s $stack."
    [ -n "$earlier" ] || fail quickstart "stack $stack does not serve, see above. $again"
    # The machine may have been rebooted since the earlier run: only a look at it tells the engine which lab machines are gone.
    say refresh "stack $stack does not serve, looking at what is left of the earlier run"
    sh "$here/pulumi.sh" refresh --yes --skip-preview --stack "$stack" </dev/null || true
    up || fail quickstart "stack $stack does not serve, see above. $again"
fi
say quickstart "done"
