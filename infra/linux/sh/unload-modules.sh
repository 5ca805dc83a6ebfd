# Unloads the modules as far as nothing uses them, in whatever order their users allow. One that something else uses stays:
# that is the host's business by now. rmmod and not `modprobe -r`, which also takes unused ones that were there before.
left() { for module; do [ ! -e "/sys/module/$module/initstate" ] || return 0; done; return 1; }
round=0
while [ "$round" -lt 10 ]; do
  again=0
  for module; do
    # A built-in module has no initstate.
    if [ -e "/sys/module/$module/initstate" ] && [ "$(cat "/sys/module/$module/refcnt" 2>/dev/null)" = 0 ] &&
      rmmod "$module"; then again=1; fi
  done
  [ "$again" = 0 ] || continue
  left "$@" || break
  # Sockets of a process that has just ended are gone a moment later.
  round=$((round + 1))
  sleep 0.2
done
for module; do
  [ ! -e "/sys/module/$module/initstate" ] || echo "module $module stays: it is in use" >&2
done
exit 0
