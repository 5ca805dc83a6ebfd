# For each module one line: `loaded`, or `absent` with the modules that loading it would bring along.
# A container, or a kernel without loadable modules.
if [ ! -e /proc/modules ]; then
  for module; do echo "unreadable this kernel loads no modules"; done
  exit 0
fi
for module; do
  if [ -d "/sys/module/$module" ] ||
    grep -q "/$module\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then
    echo loaded
    continue
  fi
  along=
  for path in $(modprobe --show-depends "$module" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'); do
    name=${path##*/} name=$(printf %s "${name%%.ko*}" | tr - _)
    [ -d "/sys/module/$name" ] || along="$along $name"
  done
  echo "absent$along"
done
