# [<interface> <syncid> <state>]: what of the sync daemon a reload of keepalived (2.2.7) forgets: it starts one that is new, but
# neither stops one that is no longer wanted, nor changes one that runs, nor starts again one that was stopped by hand.
daemons() { ipvsadm -L --daemon | sed -n 's/^\(master\|backup\) sync daemon (mcast=\([^,]*\), syncid=\([0-9]*\).*/\1 \2 \3/p'; }
daemons | while read -r state interface syncid; do
  [ "$interface $syncid" != "${1-} ${2-}" ] || continue
  ipvsadm --stop-daemon "$state" || exit 1
done || exit 1
[ $# = 3 ] || exit 0
[ -z "$(daemons)" ] || exit 0
# keepalived may have been quicker.
ipvsadm --start-daemon "$3" --mcast-interface "$1" --syncid "$2" || [ -n "$(daemons)" ]
