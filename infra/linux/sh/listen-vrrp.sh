# <seconds>: who advertises over VRRP (protocol 112) within so long, as `<source> <virtual router id>` lines; and the host's own
# addresses, as `own <address>`. What this host sends itself is not heard. IPv6 is heard where the host itself takes part, and is in the
# multicast group. Exits 69 without perl, which alone has raw sockets here.
command -v perl >/dev/null || exit 69
ip -o address | sed -n 's|.* inet6* \([^/ ]*\)/.*|own \1|p'
exec perl - "$1" <<'END'
use strict; use Socket qw(:DEFAULT inet_ntop); use Errno qw(EAFNOSUPPORT); use Time::HiRes qw(time);
my %sockets;
for my $family (PF_INET, PF_INET6) {
  if (socket(my $socket, $family, SOCK_RAW, 112)) { $sockets{$family} = $socket }
  elsif ($! != EAFNOSUPPORT) { die "socket: $!\n" }
}
my $end = time + $ARGV[0];
my %seen;
while ((my $left = $end - time) > 0) {
  my $ready = ''; vec($ready, fileno $_, 1) = 1 for values %sockets;
  next unless select($ready, undef, undef, $left) > 0;
  for my $family (grep { vec($ready, fileno $sockets{$_}, 1) } keys %sockets) {
    defined(my $from = recv($sockets{$family}, my $packet, 65536, 0)) or next;
    my $source;
    if ($family == PF_INET) {
      # The kernel hands over the IPv4 header as well, and never that of IPv6: raw(7), ipv6(7).
      $source = inet_ntoa(substr($packet, 12, 4));
      $packet = substr($packet, (ord($packet) & 15) * 4);
    } else { $source = inet_ntop(AF_INET6, (unpack_sockaddr_in6 $from)[1]) }
    next if length($packet) < 3 || (ord($packet) & 15) != 1;
    $seen{"$source " . ord(substr($packet, 1, 1))} = 1;
  }
}
print "$_\n" for sort keys %seen;
END
