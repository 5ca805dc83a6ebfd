# For how long each address has been on its interface, and since when: `<interface index> <address>/<prefix> <seconds> <Unix time>`.
# The kernel keeps that (IFA_CACHEINFO, rtnetlink(7)), and ip(8) does not show it. Exits 69 without perl, which alone can ask here.
command -v perl >/dev/null || exit 69
exec perl - <<'END'
use strict; use Socket qw(inet_ntop AF_INET AF_INET6); use Time::HiRes qw(time clock_gettime CLOCK_MONOTONIC);
socket(my $socket, 16, 3, 0) or die "netlink: $!\n";
# A dump (NLM_F_REQUEST | NLM_F_DUMP) of RTM_GETADDR, all families.
send($socket, pack('LSSLL CCCCL', 24, 22, 0x301, 1, 0, 0, 0, 0, 0, 0), 0) or die "netlink: $!\n";
READ: while (1) {
  defined recv($socket, my $data, 65536, 0) or die "netlink: $!\n";
  my $now = int(clock_gettime(CLOCK_MONOTONIC) * 100);
  while (length $data >= 16) {
    my ($length, $type) = unpack 'LS', $data;
    last READ if $type == 3;
    die "netlink: refused\n" if $type == 2;
    my ($family, $prefix, $index) = unpack 'x16 CCx2L', $data;
    my ($address, $local, $born, $rest) = (undef, undef, undef, substr $data, 24, $length - 24);
    while (length $rest >= 4) {
      my ($size, $kind) = unpack 'SS', $rest;
      my $value = substr $rest, 4, $size - 4;
      $address = $value if $kind == 1;
      $local = $value if $kind == 2;
      $born = unpack 'x8L', $value if $kind == 6;
      $rest = substr $rest, ($size + 3) & ~3;
    }
    $data = substr $data, ($length + 3) & ~3;
    next unless defined $born && ($family == AF_INET || $family == AF_INET6);
    # Hundredths of a second in 32 bits, which start again after 497 days; counted in ticks, which may be a little ahead.
    my $age = ($now - $born) & 0xffffffff;
    $age = 0 if $age > 0xffff0000;
    printf "%d %s/%d %.2f %.2f\n", $index, inet_ntop($family, $local // $address), $prefix, $age / 100, time - $age / 100;
  }
}
END
