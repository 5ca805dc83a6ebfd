# What the running keepalived holds, from the dumps that its children write on SIGUSR1; nothing when it does not run.
for file in /run/keepalived.pid /run/keepalived/keepalived.pid; do
  pid=$(cat "$file" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = keepalived ] && break
  pid=
done
[ -n "$pid" ] || exit 0
# Two readers at once would take each other's dumps away; where flock(1) is missing there is only one.
exec 9</proc
if command -v flock >/dev/null; then flock -w 15 9 || exit 1; fi
# The daemon may have a /tmp of its own (PrivateTmp).
tmp=/proc/$pid/root/tmp
[ "$tmp" -ef /tmp ] && tmp=/tmp
# VRRP alone or checks alone is a whole daemon, too: a child's pid file says what it does. No other child may get the
# signal: it would kill the one that tries a new configuration (reload_check_config), and with it the reload.
running=$(cat "/proc/$pid/task/$pid/children")
children= need=
for file in vrrp:keepalived.data checkers:keepalived_check.data; do
  for folder in /run /run/keepalived; do
    child=$(cat "$folder/${file%%:*}.pid" 2>/dev/null) || continue
    case " $running " in *" $child "*) children="$children $child" need="$need ${file#*:}" ;; esac
  done
done
rm -f "$tmp/keepalived.data" "$tmp/keepalived_check.data"
# The children themselves, not their parent: it would write a dump of its own, without anything that is needed here.
for child in $children; do kill -USR1 "$child" 2>/dev/null; done
# writing <file>: true while a child has it open; complete is what exists and is closed.
writing() {
  for child in $children; do
    for fd in "/proc/$child/fd/"*; do [ "$fd" -ef "$tmp/$1" ] && return 0; done
  done
  return 1
}
complete() { [ -e "$tmp/$1" ] && ! writing "$1"; }
round=0
while [ "$round" -lt 100 ]; do
  missing=
  for file in $need; do complete "$file" || missing="$missing $file"; done
  [ -n "$missing" ] || break
  # It has ended meanwhile, and nobody writes any more.
  if [ ! -e "/proc/$pid" ]; then
    rm -f "$tmp/keepalived.data" "$tmp/keepalived_check.data"
    exit 0
  fi
  sleep 0.1
  round=$((round + 1))
done
if [ -n "$missing" ]; then
  echo "keepalived wrote no$missing within 10 s of SIGUSR1" >&2
  rm -f "$tmp/keepalived.data" "$tmp/keepalived_check.data"
  exit 1
fi
if [ -n "$need" ]; then echo alive; else echo dead; fi
# The dump may hold the password: only the lines that are needed leave the host, and the files go.
sed -n 's/^ *\(VRRP Instance = \|Effective priority = \|Virtual Router ID = \|Priority = \|Advert interval = \|Last transition = \|Preempt = \)/\1/p; s/^ *\(State = [A-Z]*\)$/\1/p; s/^ *\([^ ]* dev .* set\)$/VIP \1/p' "$tmp/keepalived.data" 2>/dev/null
sed -n 's/^ *\(Virtual Server Group = \|VIP = \|VIP Range = \|FWMARK = \|VS VIP = \|VS GROUP = \|VS FWMARK = \|RIP = \|protocol = \|Address family = \|alive = \|RS set = \)/\1/p; s/^ *\(.* -> \[.*\)$/CHECK = \1/p; s/^ *\(Test config before reload = [a-z]*\|Test config before reload\).*/RELOAD CHECK \1/p; s/^ *\(Enabled = \|Has run = \|Retries iterations = \)/\1/p' "$tmp/keepalived_check.data" 2>/dev/null
rm -f "$tmp/keepalived.data" "$tmp/keepalived_check.data"
exit 0
