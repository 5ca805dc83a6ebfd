# [<interface> <syncid>]: what of the sync daemon a reload of keepalived (2.2.7) forgets: it starts one that is new, but neither
# stops one that is no longer wanted nor changes one that runs.
ipvsadm -L --daemon | sed -n 's/^\(master\|backup\) sync daemon (mcast=\([^,]*\), syncid=\([0-9]*\).*/\1 \2 \3/p' |
  while read -r state interface syncid; do
    [ "$interface $syncid" != "${1-} ${2-}" ] || continue
    ipvsadm --stop-daemon "$state" || exit 1
    [ $# = 0 ] || ipvsadm --start-daemon "$state" --mcast-interface "$1" --syncid "$2" || exit 1
  done
