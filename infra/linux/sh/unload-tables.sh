# <program table>… -- <what there was before>: takes away what our rules brought along. A table of the old iptables goes
# only when nobody has a rule in it by now: unloading it would take them along, however often it is in use. So does a table
# that iptables made in nf_tables. All other modules are counted by the kernel.
tables= before=" " list=tables
for word; do
  case $list$word in tables--) list=before; continue ;; esac
  case $list in
  tables) tables="$tables$word
" ;;
  before) before="$before$word " ;;
  esac
done
was_there() { case $before in *" $1 "*) return 0 ;; esac; return 1; }
ours() { ! was_there "$1" && [ -e "/sys/module/$1/initstate" ]; }
printf %s "$tables" | while read -r program table; do
  family=${program%tables}
  case $("$program" --version 2>/dev/null) in
  *nf_tables*)
    if was_there "$family/$table"; then continue; fi
    "$program-save" 2>/dev/null | grep -qx "\*$table" || continue
    if "$program-save" -t "$table" | grep -qE '^-A|^:[^ ]+ -|^:[^ ]+ DROP'; then
      echo "table $table stays: it has other rules" >&2
    elif command -v nft >/dev/null; then nft delete table "$family" "$table"
    else
      # Of nf_tables alone iptables takes an empty chain of its own away, and leaves the table.
      for chain in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do "$program" -w -t "$table" -X "$chain" 2>/dev/null; done
    fi
    ;;
  *)
    module=${family}table_$table
    ours "$module" || continue
    if "$program" -w -t "$table" -S 2>/dev/null | grep -q '^-[AN]'; then echo "table $table stays: it has other rules" >&2
    else rmmod "$module"; fi
    ;;
  esac
done
round=0
while [ "$round" -lt 10 ]; do
  again=0 held=
  for module in $(sed -n 's/^\(\(xt\|ipt\|ip6t\|nf\|nft\)_[^ ]*\|x_tables\|ip_tables\|ip6_tables\|nf_tables\|nfnetlink\|libcrc32c\|bpfilter\) .*/\1/p' /proc/modules); do
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
