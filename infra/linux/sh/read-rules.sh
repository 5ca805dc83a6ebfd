# First, in one line, the modules of the firewall that are loaded and, as `<ip|ip6>/<table>[/<chain>]`, what iptables has made
# in nf_tables; then for each rule `<program> <table> <chain> <words>` one line: `present`, `absent` or `unreadable <reason>`.
# Looking at a table of the old iptables, or at nf_tables, would load its module: one that the kernel does not have yet holds
# no rule.
set -f
{
  firewall_modules
  ! nf_tables_there || nft list chains 2>/dev/null | awk '
    /^table ip6? (raw|mangle|nat|filter|security) / { table = $2 "/" $3; print table; next }
    /^table / { table = "" }
    table != "" && /^\tchain (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) / { print table "/" $2 }'
} | sort | tr '\n' ' '
echo
for rule; do
  # shellcheck disable=SC2086 # the words of a rule
  set -- $rule
  program=$1 table=$2 chain=$3
  shift 3
  case $program in ip6tables) names=/proc/net/ip6_tables_names ;; *) names=/proc/net/ip_tables_names ;; esac
  if ! version=$("$program" --version 2>/dev/null); then
    echo absent
    continue
  fi
  case $version in
  *nf_tables*) nf_tables_there || { echo absent; continue; } ;;
  *) grep -qx "$table" "$names" 2>/dev/null || { echo absent; continue; } ;;
  esac
  if said=$("$program" -w -t "$table" -C "$chain" "$@" 2>&1); then
    echo present
  else
    # 1: no such rule; anything else: no such table, a lock, no permission.
    case $? in 1) echo absent ;; *) printf 'unreadable %s\n' "$said" | tr '\n' ' '; echo ;; esac
  fi
done
