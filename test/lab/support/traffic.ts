import { spawn } from "node:child_process";
import type { Machine } from "./machine.js";
import { waitUntil } from "./command.js";

/** One request: when it began and ended (s since the epoch, the client's clock), and what came back. */
export interface Request {
  begin: number;
  end: number;
  ok: boolean;
  /** The page without its line end, or why there is none. */
  body: string;
}

/** A connection for each request, at a fixed rate, each with a limit in seconds, in one process: perl is in every Debian. */
export const LOAD = `
use strict; use Socket; use Fcntl; use Errno qw(EINPROGRESS); use Time::HiRes qw(time);
my ($address, $rate, $limit) = @ARGV; $| = 1;
unlink '/run/load-stop';
my $to = sockaddr_in(80, inet_aton($address));
my ($next, $stopped, %open) = (time, 0);
sub done { my ($fd, $word, $body) = @_; my $each = delete $open{$fd}; close $each->{socket};
  $body =~ s/\\s+/_/g; printf "%.3f %.3f %s %s\\n", $each->{begin}, time, $word, $body }
until ($stopped && !%open) {
  my $now = time;
  $stopped ||= -e '/run/load-stop';
  while (!$stopped && $next <= $now) {
    $next += 1 / $rate;
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die $!;
    fcntl($socket, F_SETFL, O_NONBLOCK);
    my $fd = fileno $socket;
    $open{$fd} = { socket => $socket, begin => $now, answer => '' };
    connect($socket, $to) or $! == EINPROGRESS or done($fd, 'fail', "connect: $!");
  }
  my ($read, $write) = ('', '');
  for my $fd (keys %open) {
    if ($open{$fd}{begin} + $limit < $now) { done($fd, 'fail', $open{$fd}{sent} ? 'timeout' : 'connect timeout'); next }
    vec($open{$fd}{sent} ? $read : $write, $fd, 1) = 1;
  }
  my $pause = $stopped ? 0.02 : $next - time;
  select($read, $write, undef, $pause < 0 ? 0 : $pause > 0.05 ? 0.05 : $pause);
  for my $fd (keys %open) {
    my $each = $open{$fd};
    if (vec($write, $fd, 1)) {
      my $error = unpack 'i', getsockopt($each->{socket}, SOL_SOCKET, SO_ERROR);
      if ($error) { $! = $error; done($fd, 'fail', "connect: $!"); next }
      syswrite($each->{socket}, "GET / HTTP/1.0\\r\\nHost: test\\r\\n\\r\\n");
      $each->{sent} = 1;
    } elsif (vec($read, $fd, 1)) {
      my $got = sysread($each->{socket}, $each->{answer}, 65536, length $each->{answer});
      if (!defined $got) { done($fd, 'fail', "read: $!") }
      elsif ($got == 0) {
        if ($each->{answer} =~ m{^HTTP/1.. 200.*\\r\\n\\r\\n(.*)}s) { done($fd, 'ok', $1) } else { done($fd, 'fail', 'no answer') }
      }
    }
  }
}
`;

/** A load from the client through the VIP that goes on until it is stopped. */
export class Load {
  readonly requests: Request[] = [];
  private constructor(
    private readonly client: Machine,
    private readonly ended: Promise<void>,
  ) {}

  /** `rate`: requests a second; `limit`: seconds after which a request has failed. */
  static async start(client: Machine, address: string, { rate = 10, limit = 1 } = {}): Promise<Load> {
    const argv = await client.argv(`exec perl - ${address} ${rate} ${limit}`);
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(LOAD);
    let rest = "";
    const load = new Load(client, new Promise((resolve) => child.once("close", () => resolve())));
    child.stdout.on("data", (data: Buffer) => {
      const lines = (rest + data.toString()).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const [begin, end, ok, body = ""] = line.split(" ");
        load.requests.push({ begin: Number(begin), end: Number(end), ok: ok === "ok", body: body.replace(/_$/, "") });
      }
    });
    await load.answered(5, 20);
    return load;
  }

  /** Waits for that many further answers. */
  async answered(count: number, limitSeconds: number): Promise<void> {
    const before = this.good().length;
    await waitUntil(`${count} answers through the VIP`, async () => this.good().length >= before + count, limitSeconds);
  }

  good(): Request[] {
    return this.requests.filter(({ ok }) => ok);
  }

  async stop(): Promise<Figures> {
    await this.client.succeed("touch /run/load-stop");
    await this.ended;
    await this.client.succeed("rm -f /run/load-stop");
    return figures(this.requests);
  }
}

/** What a load saw. */
export interface Figures {
  requests: number;
  failed: number;
  /** Of those, requests on a connection that there was already when it was reset: no new ones. */
  cut: number;
  /** Longest time between two answers that follow each other, in seconds. */
  longestGap: number;
  bodies: Record<string, number>;
  /** Why requests failed, and how many each. */
  reasons: Record<string, number>;
  perSecond: number;
}

export function figures(requests: Request[]): Figures {
  const good = requests.filter(({ ok }) => ok).sort((a, b) => a.end - b.end);
  const gaps = good.slice(1).map((request, index) => request.end - good[index]!.end);
  const counts = (list: Request[]) => {
    const all: Record<string, number> = {};
    for (const { body } of list) all[body] = (all[body] ?? 0) + 1;
    return all;
  };
  const span = Math.max(...requests.map(({ begin }) => begin)) - Math.min(...requests.map(({ begin }) => begin));
  return {
    requests: requests.length,
    failed: requests.length - good.length,
    cut: requests.filter(({ ok, body }) => !ok && body.startsWith("read:")).length,
    longestGap: Math.max(0, ...gaps),
    bodies: counts(good),
    reasons: counts(requests.filter(({ ok }) => !ok)),
    perSecond: requests.length / span,
  };
}
