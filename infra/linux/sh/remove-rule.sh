# <program> <table> <chain> <words>: removes a firewall rule. One that is gone already (a unit's stop took it) is no failure.
program=$1 table=$2 chain=$3
shift 3
if "$program" -w -t "$table" -C "$chain" "$@" 2>/dev/null; then "$program" -w -t "$table" -D "$chain" "$@"; fi
