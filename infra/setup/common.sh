# Shared by the scripts of this folder, which source it: places, progress lines, failures.
# shellcheck shell=sh

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

# Nested scripts keep the outermost one's clock, so that the seconds of all lines belong together.
LVS_STARTED=${LVS_STARTED:-$(date +%s)}
export LVS_STARTED

# say <part> <text>: one progress line with the seconds since the outermost script began.
say() {
    printf '[%4d s] %s: %s\n' "$(($(date +%s) - LVS_STARTED))" "$1" "$2"
}

# fail <part> <text>: one line with what is wrong and what to do; ends the script with 1.
fail() {
    printf '%s: %s\n' "$1" "$2" >&2
    exit 1
}

# quoted <text>: the text as one single-quoted shell word.
quoted() {
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}
