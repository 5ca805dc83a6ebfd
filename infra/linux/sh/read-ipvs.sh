# The kernel's IPVS table: `ipvsadm` or `proc` on the first line says in which form; nothing when ip_vs is not loaded.
# ipvsadm itself loads ip_vs: it is asked only when the module is there, so that reading changes nothing.
[ -e /proc/net/ip_vs ] || exit 0
if command -v ipvsadm >/dev/null; then
  echo ipvsadm
  ipvsadm -Sn
else
  echo proc
  cat /proc/net/ip_vs
fi
