# <seconds> <owner> <words…>: makes the host this owner's for so long, or tells whose it is (exit 75). Time is the host's uptime,
# which no change of the clock moves, and /run is empty after a boot.
file=/run/pulumi-lvs.lease
exec 9</run
if command -v flock >/dev/null; then flock -w 10 9 || exit 1; fi
read -r now _ </proc/uptime
now=${now%.*}
if read -r until owner words 2>/dev/null <"$file" && [ "$owner" != "$2" ] && [ "$until" -gt "$now" ]; then
  echo "$((until - now)) $words"
  exit 75
fi
seconds=$1 owner=$2
shift 2
printf '%s %s %s\n' "$((now + seconds))" "$owner" "$*" >"$file.new" && mv -f "$file.new" "$file"
