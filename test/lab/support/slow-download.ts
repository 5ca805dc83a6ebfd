import type { Run } from "./command.js";
import type { Machine } from "./machine.js";

/** Reads a page slowly over a small window, so that packets go both ways all the time; prints status and bytes of the body. */
const DOWNLOAD = `
use strict; use Socket; use Time::HiRes 'sleep';
my ($address, $rate, $hurry) = @ARGV;
socket(my $socket, PF_INET, SOCK_STREAM, 0) or die $!;
setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 16384) or die $!;
connect($socket, sockaddr_in(80, inet_aton($address))) or die "connect: $!";
syswrite($socket, "GET /slow HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n");
my ($all, $part) = ('');
while (1) {
  my $got;
  my $fast = $hurry && -e $hurry;
  eval { local $SIG{ALRM} = sub { die "no packet for 20 s\\n" }; alarm 20; $got = sysread($socket, $part, $fast ? 16_000 : $rate / 10); alarm 0; 1 } or die $@;
  die "read: $!\\n" unless defined $got;
  last unless $got;
  $all .= $part;
  sleep($fast ? 0.01 : 0.1);
}
my ($head, $body) = split /\\r\\n\\r\\n/, $all, 2;
print substr($head, 9, 3), ' ', length $body;
`;

/**
 * Gets `/slow` at so many bytes a second: over a small window, since a large one would hold all of it at once. Once the file
 * `hurry` is there it goes about as fast as the window lets it.
 */
export function slowDownload(client: Machine, address: string, rate: number, hurry = ""): Promise<Run> {
  return client.run(`exec perl - ${address} ${rate} ${hurry}`, DOWNLOAD);
}
