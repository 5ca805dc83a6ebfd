# <seconds>: who advertises over VRRP (protocol 112, IPv4) within so long, as `<source> <virtual router id>` lines; and the host's own
# addresses, as `own <address>`. What this host sends itself is not heard. Exits 69 without perl, which alone has raw sockets here.
command -v perl >/dev/null || exit 69
ip -o address | sed -n 's|.* inet6* \([^/ ]*\)/.*|own \1|p'
exec perl - "$1" <<'END'
use strict; use Socket; use Time::HiRes qw(time);
socket(my $socket, PF_INET, SOCK_RAW, 112) or die "socket: $!\n";
my $end = time + $ARGV[0];
my %seen;
while ((my $left = $end - time) > 0) {
  my $ready = ''; vec($ready, fileno $socket, 1) = 1;
  next unless select($ready, undef, undef, $left) > 0;
  next unless defined recv($socket, my $packet, 65536, 0);
  my $length = (ord(substr($packet, 0, 1)) & 15) * 4;
  next if length($packet) < $length + 3 || (ord(substr($packet, $length, 1)) & 15) != 1;
  $seen{inet_ntoa(substr($packet, 12, 4)) . ' ' . ord(substr($packet, $length + 1, 1))} = 1;
}
print "$_\n" for sort keys %seen;
END
