# <program table>… -- <modules that were loaded before>: unloads what our rules brought along. A table of the old iptables goes
# only when nobody has a rule in it by now: unloading it would take them along, however often it is in use. All other
# modules are counted by the kernel.
tables= before=" " list=tables
for word; do
  case $list$word in tables--) list=before; continue ;; esac
  case $list in
  tables) tables="$tables$word
" ;;
  before) before="$before$word " ;;
  esac
done
ours() { case $before in *" $1 "*) return 1 ;; esac; [ -e "/sys/module/$1/initstate" ]; }
printf %s "$tables" | while read -r program table; do
  case $program in ip6tables) module=ip6table_$table ;; *) module=iptable_$table ;; esac
  ours "$module" || continue
  if "$program" -w -t "$table" -S 2>/dev/null | grep -q '^-[AN]'; then echo "table $table stays: it has other rules" >&2
  else rmmod "$module"; fi
done
again=1
while [ "$again" = 1 ]; do
  again=0
  for module in $(sed -n 's/^\(\(xt\|ipt\|ip6t\|nf\|nft\)_[^ ]*\|x_tables\|ip_tables\|ip6_tables\|nfnetlink\|bpfilter\) [0-9]* 0 .*/\1/p' /proc/modules); do
    if ours "$module" && rmmod "$module" 2>/dev/null; then again=1; fi
  done
done
exit 0
