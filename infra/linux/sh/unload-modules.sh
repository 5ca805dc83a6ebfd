# Unloads what is loaded of the modules. One in use by something else stays: that is the host's business by now.
for module; do
  [ -d "/sys/module/$module" ] || continue
  modprobe -r -- "$module" 2>/dev/null || rmmod "$module" 2>/dev/null || echo "module $module stays: it is in use" >&2
done
