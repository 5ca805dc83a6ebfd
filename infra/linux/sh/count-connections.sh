# $1 a program; $2 … `to <address>:<port>` or `at <address>:<port>`: how many established connections the program's
# processes have to that peer, or have taken there (0.0.0.0 and [::] stand for any address). A number on each line.
program=$1
shift
ss -Htnp state established | awk -v program="(\"$program\"," '
  BEGIN { for (i = 1; i < ARGC; i++) { asked[i] = ARGV[i]; count[ARGV[i]] = 0 }; last = ARGC; ARGC = 1 }
  index($0, program) {
    here = $3; port = $3; sub(/.*:/, "", port)
    any = (here ~ /^\[/ ? "[::]:" : "0.0.0.0:") port
    count["at " here]++
    if (any != here) count["at " any]++
    count["to " $4]++
  }
  END { for (i = 1; i < last; i++) print count[asked[i]] }' "$@"
