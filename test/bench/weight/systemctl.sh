# What stands for systemctl(1) on a host of the bench, whose namespaces run no systemd: a unit is what its file says, and
# runs its commands when it is told to.
state=/run/bench-units
mkdir -p "$state"
# commands <unit> <key>: runs those of a unit's file, which may begin with a dash as systemd's may.
commands() {
    sed -n "s/^$2=-\{0,1\}//p" "/etc/systemd/system/$1" | while read -r line; do
        eval "$line" </dev/null || exit 1
    done
}
is() { [ -e "$state/$1.$2" ] && echo "$3" || echo "$4"; }
verb=
for word in "$@"; do
    case $word in
    --version) exec echo "systemd 0" ;;
    -*) continue ;;
    esac
    if [ -z "$verb" ]; then verb=$word && continue; fi
    case $verb in
    show)
        [ -e "/etc/systemd/system/$word" ] && load=loaded || load=not-found
        printf 'Id=%s\nLoadState=%s\nActiveState=%s\nSubState=\nUnitFileState=%s\n\n' "$word" "$load" \
            "$(is "$word" active active inactive)" "$(is "$word" enabled enabled disabled)"
        ;;
    start | restart) commands "$word" ExecStart && : >"$state/$word.active" || exit 1 ;;
    stop) commands "$word" ExecStop && rm -f "$state/$word.active" || exit 1 ;;
    enable) : >"$state/$word.enabled" ;;
    disable) rm -f "$state/$word.enabled" ;;
    reset-failed) ;;
    *) echo "systemctl: the bench's own knows no \"$verb\"" >&2 && exit 1 ;;
    esac
done
[ -n "$verb" ] || exit 1
