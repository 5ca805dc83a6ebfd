# $1 nginx or haproxy: what of it runs. `main <pid>`, `worker <pid>` for each process that takes new connections, and
# `listen <address>:<port>` for each place where anything listens. Nothing but the places when it does not run.
main=$(systemctl show --property=MainPID --value "$1.service" 2>/dev/null)
if [ "${main:-0}" -gt 0 ]; then
  echo "main $main"
  # Field 4 of stat is the parent; neither name has a blank in it, behind which fields would move. By cat, which goes on when
  # a process ends meanwhile: mawk itself would end there, and leave out all that come behind.
  for pid in $(cat /proc/[0-9]*/stat 2>/dev/null | awk -v main="$main" '$4 == main { print $1 }'); do
    case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
    *'shutting down'*) ;;
    *) echo "worker $pid" ;;
    esac
  done
fi
ss -Hltn | awk '{ sub(/^\*:/, "[::]:", $4); print "listen", $4 }' | sort -u
