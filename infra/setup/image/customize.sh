#!/bin/sh
# Run by mmdebstrap on the finished root file system ($1), before it becomes an image.
set -eu
root=$1
recipe=$(dirname "$0")

# The local repository: real packages with a real index, written here because guests and hosts lack the tools for it.
packages=$(sed 's/#.*//' "$recipe/packages-repo.txt" "$recipe"/kinds/*.txt)
repository=$root/var/lib/lab-repo
mkdir -p "$repository"
# shellcheck disable=SC2086 # one word per package
chroot "$root" apt-get install --yes --download-only --no-install-recommends \
    -o Dir::Cache::archives=/var/lib/lab-repo $packages >&2
rm -rf "$repository/partial" "$repository/lock"
for deb in "$repository"/*.deb; do
    dpkg-deb --field "$deb"
    echo "Filename: ./${deb##*/}"
    echo "Size: $(stat -c %s "$deb")"
    echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"
    echo
done >"$repository/Packages"
cat >"$repository/Release" <<END
Origin: lab
Label: lab
Suite: lab
Date: $(LC_ALL=C date -u -R)
SHA256:
 $(sha256sum "$repository/Packages" | cut -d ' ' -f 1) $(stat -c %s "$repository/Packages") Packages
END

rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin

# From here on the guest knows no other source of packages, and no setting that the host needed to reach its own.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/* \
    "$root"/etc/apt/apt.conf.d/99mmdebstrap
(cd "$recipe/root" && find . -type f) | while read -r file; do
    # Not the modes of the checkout: those follow the umask of whoever made it.
    install -D --mode=0644 "$recipe/root/$file" "$root/$file"
done
chmod 0755 "$root/usr/lib/lab/init" "$root/usr/lib/lab/network"
chroot "$root" apt-get update >&2

# The kernel is the host's User-Mode Linux; its modules belong into the guest.
mkdir -p "$root/usr/lib/modules"
for modules in /usr/lib/uml/modules/*; do
    cp -R "$modules" "$root/usr/lib/modules/"
    chroot "$root" depmod "${modules##*/}"
done

# nf_tables is not in that kernel for IPv4 and IPv6.
chroot "$root" update-alternatives --set iptables /usr/sbin/iptables-legacy >&2
chroot "$root" update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >&2

# Each machine gets its own of these from the lab.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname"
: >"$root/etc/machine-id"
: >"$root/etc/resolv.conf"

chroot "$root" systemctl --quiet enable lab-init.service ssh.service >&2
chroot "$root" systemctl --quiet set-default multi-user.target >&2
# A guest answers sooner without what it has no use for.
# shellcheck disable=SC2046 # one word per unit
chroot "$root" systemctl --quiet mask $(sed 's/#.*//' "$recipe/units-masked.txt") >&2
# Asked for by "reboot" over D-Bus, and started by that when needed; makes this folder then.
mkdir -p "$root/var/lib/systemd/linger"
rm -f "$root/usr/lib/systemd/system/multi-user.target.wants/systemd-logind.service"

# Generators run at each boot and at each daemon-reload of a package: those for disks and consoles find nothing here.
mkdir -p "$root/etc/systemd/system-generators"
for generator in cryptsetup debug getty gpt-auto hibernate-resume integritysetup rc-local run system-update veritysetup; do
    ln -sf /dev/null "$root/etc/systemd/system-generators/systemd-$generator-generator"
done
rm -f "$root/etc/fstab"
