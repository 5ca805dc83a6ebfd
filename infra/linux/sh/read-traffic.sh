# What goes through IPVS, in sections headed `== <name>`; nothing when ip_vs is not loaded, totals alone without ipvsadm.
# ipvsadm itself loads ip_vs: it is asked only when the module is there, so that reading changes nothing.
[ -e /proc/net/ip_vs_stats ] || exit 0
echo "== totals"
cat /proc/net/ip_vs_stats
command -v ipvsadm >/dev/null || exit 0
echo "== now"
ipvsadm -Ln
echo "== counted"
ipvsadm -Ln --stats --exact
echo "== rates"
ipvsadm -Ln --rate --exact
