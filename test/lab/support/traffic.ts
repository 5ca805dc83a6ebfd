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

/** A connection and a process for each request, at a fixed rate, each with a limit of 1 s: perl is in every Debian. */
const LOAD = `
use strict; use IO::Socket::INET; use Time::HiRes qw(time sleep alarm);
my ($address, $rate) = @ARGV; $| = 1; $SIG{CHLD} = 'IGNORE';
unlink '/run/load-stop';
my $next = time;
until (-e '/run/load-stop') {
  if (my $child = fork) { $next += 1 / $rate; my $wait = $next - time; sleep $wait if $wait > 0; next }
  my $begin = time; my ($ok, $body) = ('fail', 'timeout');
  eval {
    local $SIG{ALRM} = sub { die "timeout\\n" }; alarm 1;
    my $socket = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 80, Proto => 'tcp') or die "connect: $!\\n";
    print $socket "GET / HTTP/1.0\\r\\nHost: test\\r\\n\\r\\n";
    my $answer = join '', <$socket>;
    if ($answer =~ m{^HTTP/1.. 200.*\\r\\n\\r\\n(.*)}s) { ($ok, $body) = ('ok', $1) } else { $body = 'no answer' }
    alarm 0; 1
  } or $body = $@;
  $body =~ s/\\s+/_/g;
  printf "%.3f %.3f %s %s\\n", $begin, time, $ok, $body;
  exit 0;
}
sleep 1.1;
`;

/** A load from the client through the VIP that goes on until it is stopped. */
export class Load {
  readonly requests: Request[] = [];
  private constructor(
    private readonly client: Machine,
    private readonly ended: Promise<void>,
  ) {}

  static async start(client: Machine, address: string, rate = 10): Promise<Load> {
    const argv = await client.argv(`exec perl - ${address} ${rate}`);
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
  /** Longest time between two answers that follow each other, in seconds. */
  longestGap: number;
  bodies: Record<string, number>;
  perSecond: number;
}

export function figures(requests: Request[]): Figures {
  const good = requests.filter(({ ok }) => ok).sort((a, b) => a.end - b.end);
  const gaps = good.slice(1).map((request, index) => request.end - good[index]!.end);
  const bodies: Record<string, number> = {};
  for (const { body } of good) bodies[body] = (bodies[body] ?? 0) + 1;
  const span = Math.max(...requests.map(({ begin }) => begin)) - Math.min(...requests.map(({ begin }) => begin));
  return {
    requests: requests.length,
    failed: requests.length - good.length,
    longestGap: Math.max(0, ...gaps),
    bodies,
    perSecond: requests.length / span,
  };
}
