#!/bin/sh
# Runs the Pulumi CLI with the lab's environment: npm run -s pulumi -- up -s lab-dr. Exits as the CLI does.
set -eu
. "$(dirname "$0")/common.sh"
. "$here/engine-find.sh"

find_engine || {
    sh "$here/engine.sh" >&2
    find_engine
}
eval "$(sh "$here/env.sh")"

# stack_named <arguments…>: the stack that the command line means, in any of the CLI's ways to write it; empty for none of ours.
stack_named() {
    case "${1-} ${2-}" in "stack init" | "stack rm" | "new "*) return ;; esac
    named=${PULUMI_STACK-}
    while [ $# -gt 0 ]; do
        case $1 in
        --) break ;;
        -C* | --cwd*) return ;;
        -s | --stack) named=${2-} ;;
        --stack=*) named=${1#--stack=} ;;
        -s=*) named=${1#-s=} ;;
        -s?*) named=${1#-s} ;;
        esac
        shift
    done
    echo "${named##*/}"
}

# in_project: true when the CLI would take this checkout's Pulumi.yaml, the nearest one upwards.
in_project() {
    folder=$(pwd -P)
    while [ ! -f "$folder/Pulumi.yaml" ] && [ "$folder" != / ]; do folder=$(dirname "$folder"); done
    [ "$folder" -ef "$root" ]
}

# backend_folder: where the file backend keeps its files; false for another backend, which is the user's own.
backend_folder() {
    case $PULUMI_BACKEND_URL in file://*) ;; *) return 1 ;; esac
    place=${PULUMI_BACKEND_URL#file://}
    place=$(printf '%s' "${place%%\?*}" | sed 's/%20/ /g; s/%23/#/g; s/%3[Ff]/?/g; s/%25/%/g')
    case $place in "~"*) place=$HOME${place#"~"} ;; esac
    [ -d "$place" ] && echo "$place/.pulumi"
}

# lacks_stack <folder> <project> <stack>: true when the file backend has no state of the stack, compressed or not.
lacks_stack() {
    for file in "$1/stacks/$2/$3".json "$1/stacks/$2/$3".json.gz "$1/stacks/$2/$3".json.zst; do
        [ ! -f "$file" ] || return 1
    done
}

# drop_dead_locks <folder>: removes the locks of CLIs that were killed on this machine; a lock's process being gone, it guards nothing.
drop_dead_locks() {
    for lock in "$1"/*.json; do
        [ -f "$lock" ] && grep -q "\"hostname\":\"$(uname -n)\"" "$lock" || continue
        pid=$(sed -n 's/.*"pid":\([0-9][0-9]*\).*/\1/p' "$lock")
        [ -n "$pid" ] && [ -d /proc/self ] || continue
        # The number may have gone to another program since.
        case $(cat "/proc/$pid/comm" 2>/dev/null) in *pulumi*) continue ;; esac
        echo "pulumi: removed the lock of an earlier run (process $pid) that was killed" >&2
        rm -f "$lock" "$lock.attrs"
    done
}

stack=$(stack_named "$@")
if [ -n "$stack" ] && in_project && folder=$(backend_folder); then
    project=$(sed -n 's/^name: *//p' "$root/Pulumi.yaml")
    drop_dead_locks "$folder/locks/organization/$project/$stack"
    if [ -f "$root/stacks/Pulumi.$stack.yaml" ] && lacks_stack "$folder" "$project" "$stack"; then
        # A run beside this one may have been first: only a stack that is still missing is a failure.
        message=$("$engine_bin/pulumi" stack init --non-interactive --no-select "$stack" </dev/null 2>&1) ||
            ! lacks_stack "$folder" "$project" "$stack" || fail pulumi "stack $stack cannot be created: $message"
    fi
fi
exec "$engine_bin/pulumi" "$@"
