# <program table chain>… -- <what there was before>: takes away what our rules brought along. A table of the old iptables goes
# only when nobody has a rule in it by now: unloading it would take them along, however often it is in use. What iptables made
# in nf_tables goes chain by chain: none that holds a rule or drops. All other modules are counted by the kernel.
chains= before=" " list=chains
for word; do
  case $list$word in chains--) list=before; continue ;; esac
  case $list in
  chains) chains="$chains$word
" ;;
  before) before="$before$word " ;;
  esac
done
was_there() { case $before in *" $1 "*) return 0 ;; esac; return 1; }
ours() { ! was_there "$1" && [ -e "/sys/module/$1/initstate" ]; }
in_nf_tables() { case $("$1" --version 2>/dev/null) in *nf_tables*) return 0 ;; esac; return 1; }
printf %s "$chains" | while read -r program table chain; do
  in_nf_tables "$program" || continue
  was_there "${program%tables}/$table/$chain" || "$program" -w -t "$table" -X "$chain" 2>/dev/null
done
printf %s "$chains" | cut -d ' ' -f 1,2 | sort -u | while read -r program table; do
  family=${program%tables}
  if in_nf_tables "$program"; then
    was_there "$family/$table" || case $(nft list table "$family" "$table" 2>/dev/null) in
    "") ;;
    *chain*) echo "table $family $table stays: it has other chains" >&2 ;;
    *) nft delete table "$family" "$table" ;;
    esac
  elif ours "${family}table_$table"; then
    if "$program" -w -t "$table" -S 2>/dev/null | grep -q '^-[AN]'; then echo "table $table stays: it has other rules" >&2
    else rmmod "${family}table_$table"; fi
  fi
done
round=0
while [ "$round" -lt 10 ]; do
  again=0 held=
  for module in $(firewall_modules | grep -v '^ip6\{0,1\}table_'); do
    ours "$module" || continue
    if [ "$(cat "/sys/module/$module/refcnt" 2>/dev/null)" = 0 ] && rmmod "$module" 2>/dev/null; then again=1; else held=1; fi
  done
  [ "$again" = 0 ] || continue
  [ -n "$held" ] || break
  # nf_tables lets go of a removed rule's modules a moment later.
  round=$((round + 1))
  sleep 0.2
done
exit 0
