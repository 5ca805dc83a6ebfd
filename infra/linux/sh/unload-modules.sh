# Unloads the modules as far as nothing uses them, in whatever order their users allow. One that something else uses stays:
# that is the host's business by now. rmmod and not `modprobe -r`, which also takes unused ones that were there before.
again=1
while [ "$again" = 1 ]; do
  again=0
  for module; do
    # A built-in module has no initstate.
    if [ -e "/sys/module/$module/initstate" ] && [ "$(cat "/sys/module/$module/refcnt" 2>/dev/null)" = 0 ] &&
      rmmod "$module"; then again=1; fi
  done
done
for module; do
  [ ! -e "/sys/module/$module/initstate" ] || echo "module $module stays: it is in use" >&2
done
exit 0
