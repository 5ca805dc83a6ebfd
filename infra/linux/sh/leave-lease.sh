# <owner>: gives the host back, if it is this owner's.
file=/run/pulumi-lvs.lease
exec 9</run
if command -v flock >/dev/null; then flock -w 10 9 || exit 1; fi
if read -r _ owner _ 2>/dev/null <"$file" && [ "$owner" = "$1" ]; then rm -f "$file"; fi
