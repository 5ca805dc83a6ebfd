#!/bin/sh
# Run for the engine qemu by customize.sh: Debian's own kernel, its modules in the guest ($1) and itself beside the image ($2).
set -eu
root=$1
folder=$2

# Unpacked, not installed: nothing is booted from the guest's disk, so it needs neither a boot loader nor an initial RAM disk.
package=$(chroot "$root" apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p')
archives=$root/var/cache/apt/archives
chroot "$root" sh -c 'cd /var/cache/apt/archives && apt-get download "$1"' sh "$package" >&2
mkdir "$folder/kernel"
dpkg-deb --extract "$archives/$package"_*.deb "$folder/kernel"
rm "$archives/$package"_*.deb
mkdir -p "$root/usr/lib/modules"
for modules in "$folder"/kernel/lib/modules/*; do
    mv "$modules" "$root/usr/lib/modules/"
    chroot "$root" depmod "${modules##*/}"
done
mv "$folder"/kernel/boot/vmlinuz-* "$folder/vmlinuz"
rm -rf "$folder/kernel"
