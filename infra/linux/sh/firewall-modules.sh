# The modules of firewalls that are loaded, one a line.
firewall_modules() {
  sed -n 's/^\(\(ip6\{0,1\}tables\{0,1\}\|x_tables\|xt\|ipt\|ip6t\|nf\|nft\)_[^ ]*\|x_tables\|ip_tables\|ip6_tables\|nf_tables\|nfnetlink\|libcrc32c\|bpfilter\) .*/\1/p' /proc/modules 2>/dev/null
}
# True where the kernel has nf_tables: asking for its rules would load it.
kept=/lib/modules/$(uname -r)/modules.builtin
nf_tables_there() { [ ! -e /proc/modules ] || [ ! -r "$kept" ] || [ -e /sys/module/nf_tables ] || grep -q '/nf_tables\.ko' "$kept"; }
