#!/bin/sh
# Makes a Pulumi CLI with its Node language host available and says which one was taken.
#   sh infra/setup/engine.sh             the installed one, else the official download, else a build with Go
#   sh infra/setup/engine.sh download    only the official download
#   sh infra/setup/engine.sh build       only the build, from the modules pinned in engine/
set -eu
. "$(dirname "$0")/common.sh"
. "$here/engine-find.sh"

stall_limit=20 # seconds without a new byte, after which a download is given up

take() {
    say engine "Pulumi $engine_version ($engine_origin) in $engine_bin"
    exit 0
}

way=${1:-any}
case $way in
any) ! find_engine || take ;;
download | build) ! find_kept || take ;;
*) fail engine "unknown argument $way. Give none, download or build." ;;
esac

mkdir -p "$engine_home/bin"
if command -v flock >/dev/null; then
    exec 9>"$engine_home/lock"
    flock -n 9 || {
        say engine "another run is installing Pulumi, waiting for it"
        flock 9
    }
fi
# Whoever held the lock before may have done the work.
! find_kept || take

# The lock is ours: what an interrupted run left here is nobody's. A whole file only ever arrives by rename.
rm -rf "$engine_home"/new.*
work=$engine_home/new.$$
mkdir -p "$work/bin" "$work/tmp"
child=
stop() {
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    # The pattern takes in what Go still wrote for a run that was killed.
    rm -rf "$engine_home"/new.*
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# finish: the child's exit code as this function's own.
finish() {
    code=0
    wait "$child" || code=$?
    child=
    return $code
}

# place <origin> <file…>: moves the files into the kept place and takes them; the CLI last, as its presence means complete.
place() {
    origin=$1
    shift
    [ "$("$work/bin/pulumi" version)" = "v$engine_wanted" ] || fail engine "the new CLI does not start. Run $work/bin/pulumi version."
    printf '%s\n' "$origin" >"$engine_home/origin"
    for file; do
        [ "$file" = "$work/bin/pulumi" ] || mv -f "$file" "$engine_home/bin/"
    done
    mv -f "$work/bin/pulumi" "$engine_home/bin/"
    find_kept || fail engine "$engine_home/bin is not complete. Remove $engine_home and run again."
    take
}

# download: npm's `pulumi` fetches the release of its own version; false when it cannot, with the reason in the log.
download() {
    say engine "downloading Pulumi $engine_wanted"
    # `timeout` makes a process group of its own, so that ending it ends npx's children too.
    (cd "$work" && exec env -u PULUMI_VERSION PULUMI_HOME="$work/home" TMPDIR="$work/tmp" PULUMI_SKIP_UPDATE_CHECK=true \
        npm_config_fetch_retries=0 npm_config_loglevel=error \
        timeout 1800 npx --yes "pulumi@$engine_wanted" version) </dev/null >"$work/log" 2>&1 9>&- &
    child=$!
    size=0 still=0 ticks=0
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        ticks=$((ticks + 1)) still=$((still + 1)) before=$size
        size=$(du -sk "$work" | cut -f 1)
        [ "$size" = "$before" ] || still=0
        [ $((ticks % 15)) -ne 0 ] || say engine "downloaded $((size / 1024)) MB"
        if [ $still -ge $stall_limit ]; then
            echo "no data for $stall_limit s" >>"$work/log"
            kill "$child" 2>/dev/null || true
        fi
    done
    finish && [ -x "$work/home/versions/$engine_wanted/bin/pulumi" ] || return 1
    mv "$work/home/versions/$engine_wanted/bin"/* "$work/bin/"
}

# build <module> <package>: one program with Go into $work/bin; the module's go.mod and go.sum pin every source.
build() {
    version=$(sed -n 's#.*github.com/pulumi/pulumi/sdk/v3 ##p' "$here/engine/$1/go.mod")
    say engine "building ${2##*/} $version with Go"
    (cd "$here/engine/$1" && exec env CGO_ENABLED=0 GOWORK=off go build -v -mod=readonly -trimpath -buildvcs=false \
        -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" \
        -o "$work/bin/${2##*/}" "$2") </dev/null >"$work/log" 2>&1 9>&- &
    child=$!
    ticks=0
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        ticks=$((ticks + 1))
        [ $((ticks % 15)) -ne 0 ] ||
            say engine "${2##*/}: $(grep -c '^go: ' "$work/log") modules downloaded, $(grep -vc '^go: ' "$work/log") packages compiled"
    done
    finish && return
    grep -v '^go: downloading' "$work/log" | tail -n 15 >&2
    fail engine "${2##*/} was not built, see above. Run npm run engine again; what Go has compiled is kept."
}

if [ "$way" != build ]; then
    if command -v npx >/dev/null && command -v timeout >/dev/null && download; then
        place "official download" "$work"/bin/*
    fi
    reason=$(tail -n 1 "$work/log" 2>/dev/null || echo "npx or timeout is missing")
    [ "$way" != download ] || fail engine "no official download: $reason. Run npm run engine, which builds with Go instead."
    say engine "no official download here ($reason)"
fi

go_help="Install Go 1.25 or later, or Pulumi 3.200 or later"
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || fail engine "no Pulumi is installed or downloadable, and there is no Go to build it. $go_help."
go_version=$(go env GOVERSION | sed 's/^go//')
# From 1.21 on Go fetches the newer release that a module asks for by itself.
at_least "$go_version" 1.21 || fail engine "Go $go_version is too old to build Pulumi. $go_help."

say engine "building Pulumi with Go $go_version, about 4 minutes on 2 cores, once"
language_host=pulumi-language-nodejs-3.68.0
if [ ! -x "$engine_home/bin/$language_host" ]; then
    build language-host github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs
    mv "$work/bin/pulumi-language-nodejs" "$work/bin/$language_host"
fi
cp "$here/engine/language-host/pulumi-language-nodejs" "$work/bin/"
build cli github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
place "built with Go $go_version" "$work"/bin/*
