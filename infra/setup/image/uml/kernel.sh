#!/bin/sh
# Run for the engine uml by customize.sh: modules and settings of its kernel for the guest ($1), and what lies beside the image ($2).
set -eu
root=$1
folder=$2

# The kernel is the host's User-Mode Linux; its modules belong into the guest.
mkdir -p "$root/usr/lib/modules"
for modules in /usr/lib/uml/modules/*; do
    cp -R "$modules" "$root/usr/lib/modules/"
    chroot "$root" depmod "${modules##*/}"
done

# nf_tables is not in that kernel for IPv4 and IPv6.
chroot "$root" update-alternatives --set iptables /usr/sbin/iptables-legacy >&2
chroot "$root" update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >&2

# Nothing of libc's headers is needed, so that a compiler of 300 kB is enough.
tcc -shared -nostdlib -o "$folder/xstate.so" "$(dirname "$0")/xstate.c"
