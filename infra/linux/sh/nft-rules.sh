# add|remove <key>..., or the file that has them, one a line: rules of nft, each named by the comment at its end. `<ip|ip6> pulumi_lvs <chain>
# <words>` stands in a table of our own; `<input|forward|output> <ip|ip6> <words>` stands first in every filtering chain that
# the host has at that hook. What is there is left alone, and so is a chain that iptables keeps: its own words are needed there.
set -f
verb=$1
shift
case ${1-} in
/*)
  file=$1
  set --
  while IFS= read -r key; do
    case $key in "nft "*) set -- "$@" "$key" ;; esac
  done <"$file"
  ;;
esac
listing() {
  nft -a list ruleset 2>/dev/null | awk '
    /^table / { family = $2; table = $3; next }
    /^\tchain / { chain = $2; next }
    /^\t\ttype filter hook / && table != "pulumi_lvs" && table != "firewalld" && chain !~ /^(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)$/ {
      print "chain", family, table, chain, $4
    }
    match($0, /comment "pulumi-lvs:[^"]*"/) { print "rule", family, table, chain, substr($0, RSTART, RLENGTH), $NF }'
}
base() {
  case $1 in
  raw) echo 'type filter hook prerouting priority -300' ;;
  prerouting) echo 'type filter hook prerouting priority -150' ;;
  output) echo 'type route hook output priority -150' ;;
  postrouting) echo 'type nat hook postrouting priority 100' ;;
  *) return 1 ;;
  esac
}
# <words> without their comment are told from it by its beginning.
name() { printf '%s\n' "$1" | sed -n 's/.*\(comment "pulumi-lvs:[^"]*"\)$/\1/p'; }
add_own() {
  printf '%s\n' "$now" | grep -qF "rule $1 pulumi_lvs $2 $(name "$3") " && return 0
  kind=$(base "$2") || { echo "no chain of ours: $2" >&2; return 1; }
  printf 'add table %s pulumi_lvs\nadd chain %s pulumi_lvs %s { %s; }\nadd rule %s pulumi_lvs %s %s\n' \
    "$1" "$1" "$2" "$kind" "$1" "$2" "$3" | nft -f -
}
add_first() {
  failed=0
  # shellcheck disable=SC2046 # names of chains have no spaces
  set -- "$1" "$2" "$3" $(printf '%s\n' "$now" | awk -v hook="$1" -v own="$2" '$1 == "chain" && $5 == hook && ($2 == own || $2 == "inet") { print $2 ":" $3 ":" $4 }')
  words=$3
  shift 3
  for place; do
    place=$(printf %s "$place" | tr : ' ')
    printf '%s\n' "$now" | grep -qF "rule $place $(name "$words") " && continue
    printf 'insert rule %s %s\n' "$place" "$words" | nft -f - || failed=1
  done
  return "$failed"
}
remove() {
  printf '%s\n' "$now" | grep -F " $(name "$1") " | while read -r _ family table chain _ _ handle; do
    nft delete rule "$family" "$table" "$chain" handle "$handle" || exit 1
  done
}
# What holds nothing any more goes, and with the last chain the table.
sweep() {
  for family in ip ip6; do
    for chain in raw prerouting output postrouting; do
      nft list chain "$family" pulumi_lvs "$chain" 2>/dev/null | grep -q 'pulumi-lvs:' || nft delete chain "$family" pulumi_lvs "$chain" 2>/dev/null
    done
    nft list table "$family" pulumi_lvs 2>/dev/null | grep -q 'chain ' || nft delete table "$family" pulumi_lvs 2>/dev/null
  done
  return 0
}
now=$(listing)
status=0
for key; do
  key=${key#nft }
  case $verb$key in
  remove*) remove "$key" || status=1 ;;
  add*" pulumi_lvs "*)
    family=${key%% *} rest=${key#* pulumi_lvs }
    add_own "$family" "${rest%% *}" "${rest#* }" || status=1
    ;;
  *)
    hook=${key%% *} rest=${key#* }
    add_first "$hook" "${rest%% *}" "${rest#* }" || status=1
    ;;
  esac
done
case $verb in remove*) sweep ;; esac
exit "$status"
