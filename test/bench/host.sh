# One host of the bench: PID 1 of its own namespaces, as `sh host.sh <folder> <name> <link>=<address>/<length>…`. What is in
# <folder>/etc is laid over its /etc. It lives as long as its standard input is open, so that a bench that was killed leaves nothing behind.
set -eu
folder=$1 name=$2
shift 2
# Its number outside: /proc is still the one of all.
read -r pid rest </proc/self/stat
echo "pid $pid"
# In memory: what a host writes must not wait for the machine's disk.
mount -t tmpfs -o mode=0755 bench "$folder/disk"
mkdir "$folder/disk/upper" "$folder/disk/work" "$folder/disk/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/disk/upper,workdir=$folder/disk/work" bench "$folder/disk/root"
cd "$folder/disk/root"
cp -r "$folder/etc/." etc/
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=0755 run run
mkdir run/sshd
# Root's home as Debian installs it, not the one of whoever runs the bench.
mount -t tmpfs -o mode=0700 root root
cp usr/share/base-files/dot.bashrc root/.bashrc
cp usr/share/base-files/dot.profile root/.profile
hostname "$name"
ip link set dev lo up
for each in "$@"; do
    link=${each%%=*}
    until ip link show dev "$link" >/dev/null 2>&1; do sleep 0.02; done
    ip address add "${each#*=}" dev "$link"
    ip link set dev "$link" up
done
chroot . /usr/sbin/sshd -D -e -f /etc/ssh/sshd_bench >/dev/null 2>>"$folder/sshd.log" </dev/null &
until grep -q ':0016 00000000:0000 0A' proc/net/tcp; do sleep 0.02; done
echo up
exec cat
