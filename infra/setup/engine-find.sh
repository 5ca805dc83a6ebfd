# Finds a usable Pulumi without installing anything; sourced after common.sh.
# shellcheck shell=sh

engine_wanted=$(sed -n 's#.*github.com/pulumi/pulumi/pkg/v3 v##p' "$here/engine/cli/go.mod")
engine_oldest=3.200
# The place where `npx pulumi` and Pulumi's Automation API keep their CLIs, so that both take the one found there.
engine_home=${PULUMI_HOME:-$HOME/.pulumi}/versions/$engine_wanted
engine_notes=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-lvs

# find_installed: true when PATH has a recent enough CLI and a language host; sets engine_bin, engine_version, engine_origin.
find_installed() {
    engine_cli=$(PATH=$(path_without_ours) && command -v pulumi) || return 1
    case $engine_cli in "$engine_home"/bin/*) return 1 ;; esac
    engine_bin=$(dirname "$engine_cli")
    # A language host elsewhere on PATH serves the CLI as well as one beside it.
    [ -x "$engine_bin/pulumi-language-nodejs" ] || command -v pulumi-language-nodejs >/dev/null || return 1
    # Asking the CLI costs 0.3 s of every run, so its answer is kept until the file changes.
    stamp=$(ls -liL "$engine_cli")
    note=$engine_notes/installed-pulumi
    if [ -f "$note" ] && [ "$(sed -n 1p "$note")" = "$stamp" ]; then
        engine_version=$(sed -n 2p "$note")
    else
        engine_version=$(LVS_SEEKS_PULUMI=1 PULUMI_SKIP_UPDATE_CHECK=true "$engine_cli" version </dev/null 2>/dev/null | sed 's/^v//') || return 1
        mkdir -p "$engine_notes" && printf '%s\n%s\n' "$stamp" "$engine_version" >"$note.$$" && mv "$note.$$" "$note"
    fi
    engine_origin="installed on this machine"
    at_least "$engine_version" "$engine_oldest"
}

# find_kept: true when an earlier run left a whole CLI in engine_home; sets the same names.
find_kept() {
    [ -x "$engine_home/bin/pulumi" ] && [ -x "$engine_home/bin/pulumi-language-nodejs" ] || return 1
    engine_bin=$engine_home/bin
    engine_version=$engine_wanted
    engine_origin="official download"
    [ ! -f "$engine_home/origin" ] || read -r engine_origin <"$engine_home/origin"
}

# at_least <version> <major.minor>: compares the first two numbers; false for what is no version.
at_least() {
    printf '%s\n' "$1" | awk -F. -v want="$2" '{ split(want, w, "."); exit !($0 ~ /^[0-9]+\.[0-9]+/ && ($1 > w[1] || ($1 == w[1] && $2 + 0 >= w[2]))) }'
}

# path_without_ours: PATH less our own bin/, of this and of any other checkout: it comes first there and is no CLI.
path_without_ours() {
    printf '%s\n' "$PATH" | tr : '\n' | awk '!/\/infra\/setup\/bin$/ { printf "%s%s", sep, $0; sep = ":" }'
}

find_engine() { find_installed || find_kept; }
