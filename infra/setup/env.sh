#!/bin/sh
# Prints what a shell needs to run `pulumi` on this checkout: eval "$(npm run -s env)". What the user has set stays as it is.
set -eu
. "$(dirname "$0")/common.sh"
. "$here/engine-find.sh"

# Public on purpose: it guards a lab that anyone can build. Real stacks have a passphrase or secrets provider of their own.
lab_passphrase=lvs-lab

# default <name> <value>: an export line, unless the variable is set.
default() {
    eval "[ -n \"\${$1+set}\" ]" || printf 'export %s=%s\n' "$1" "$(quoted "$2")"
}

if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
    mkdir -p "$root/.pulumi-state"
    # A URL: the three signs that would end or change its path are encoded.
    printf 'export PULUMI_BACKEND_URL=%s\n' "$(quoted "file://$(printf '%s' "$root/.pulumi-state" | sed 's/%/%25/g; s/#/%23/g; s/?/%3F/g')")"
fi
[ -n "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ] || default PULUMI_CONFIG_PASSPHRASE "$lab_passphrase"
default PULUMI_SKIP_UPDATE_CHECK true
# The engine writes the whole state for each changed resource; these and the next keep that and its checks short.
default PULUMI_DIY_BACKEND_ZSTD true
default PULUMI_PARALLEL_DIFF true
default PULUMI_PARALLEL 64
# A host that cannot be reached fails its own resources; the others go on.
default PULUMI_CONTINUE_ON_ERROR true

if find_engine; then
    # Where Pulumi's downloads were out of reach, looking for a missing plugin costs every run 3 s and brings nothing.
    case $engine_origin in built*) default PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION true ;; esac
    # Already first on PATH: nothing to add.
    case $PATH in
    "$here/bin:$engine_bin:"*) ;;
    *) printf 'export PATH=%s:"$PATH"\n' "$(quoted "$here/bin:$engine_bin")" ;;
    esac
else
    echo "env: no Pulumi CLI yet. Run npm run engine, then this again." >&2
fi
