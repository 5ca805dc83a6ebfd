import assert from "node:assert/strict";
import { after, test } from "node:test";
import { parse } from "yaml";
import type { Status } from "../../../infra/status/schema.js";
import { readFileSync } from "node:fs";
import { waitUntil } from "./command.js";
import { Machine } from "./machine.js";
import { differences, snapshots, type Snapshots } from "./snapshot.js";
import { Stack, succeeded, type StackFile } from "./stack.js";
import { statusIsTrue } from "./status.js";
import { Load } from "./traffic.js";

/** What is special about one stack. */
export interface Life {
  /** A stack of `stacks/`, without `lab-`. */
  name: string;
  /** What is changed in its file, and the name that the changed one is known by. */
  variant?: { name: string; edit: (file: StackFile) => void };
  vip: string;
  /** How many times longer a machine of this lab takes for everything than one of User-Mode Linux; clients ask less often. */
  slowness?: number;
  /** Seconds between two adverts of the pair. */
  advertInterval?: number;
  /** Addresses of the client from which both real servers are met, where one address always meets the same. */
  clients?: string[];
  /** False where no web server answers: then only the proof tells that the cluster serves. */
  http?: boolean;
  /** Lines of a snapshot that may differ at the end, for a reason outside of us. */
  stays?: RegExp;
  /** What the packets must do. */
  proof: (scene: Scene) => Promise<void>;
  /** Further tests on the serving cluster. */
  more?: (scene: Scene) => void;
}

type Named = { name: string }[];
interface Hosts {
  engine?: string;
  directors: Named;
  realServers: Named;
  routers?: Named;
}
interface Config {
  "lvs:cluster"?: Hosts;
  "lvs:layers"?: Record<string, Omit<Hosts, "realServers"> & { realServers: Named | { layer: string } }>;
}

/** Layers as one cluster: who takes requests first, who answers in the end, and who is between. */
function acrossLayers(layers: NonNullable<Config["lvs:layers"]>): Hosts {
  const all = Object.values(layers);
  const behind = all.flatMap(({ realServers }) => ("layer" in realServers ? [layers[realServers.layer]!] : []));
  return {
    directors: all.find((layer) => !behind.includes(layer))!.directors,
    routers: behind.flatMap(({ directors }) => directors),
    realServers: all.flatMap(({ realServers }) => ("layer" in realServers ? [] : realServers)),
  };
}

/** The machines of a stack's lab, and ways to look at its cluster. */
export class Scene {
  readonly stack: Stack;
  readonly whole: string;
  readonly labOnly: string;
  readonly client: Machine;
  readonly directors: Machine[];
  readonly realServers: Machine[];
  readonly routers: Machine[];
  /** Those of them that run a proxy, and those of a layer behind. */
  readonly proxies: Machine[];

  readonly vip: string;
  private readonly clients: string[] | undefined;
  private readonly http: boolean;
  private readonly slowness: number;

  constructor({ name, variant, vip, clients, http = true, slowness = 1 }: Life) {
    this.vip = vip;
    this.clients = clients;
    this.http = http;
    this.slowness = slowness;
    this.stack = new Stack(`long-${variant?.name ?? name}`, `lab-${name}`);
    this.whole = this.stack.file(variant?.edit);
    this.labOnly = this.stack.file((file) => {
      variant?.edit(file);
      delete file.config["lvs:cluster"];
      delete file.config["lvs:layers"];
    });
    const { config } = parse(readFileSync(this.whole, "utf8")) as { config: Config };
    const machines = (list: Named = []) => list.map((host) => this.machine(host.name));
    const cluster = config["lvs:cluster"] ?? acrossLayers(config["lvs:layers"]!);
    this.directors = machines(cluster.directors);
    this.realServers = machines(cluster.realServers);
    this.routers = machines(cluster.routers);
    this.client = this.machine("client");
    const layers = Object.values(config["lvs:layers"] ?? { cluster });
    this.proxies = machines(layers.flatMap(({ engine, directors }) => (engine === undefined ? [] : directors)));
  }

  machine(name: string): Machine {
    return new Machine(this.stack.name, name);
  }

  /** The certificate of the stack's first service with TLS. */
  certificate(): string {
    const { config } = parse(readFileSync(this.whole, "utf8")) as {
      config: { "lvs:cluster": { services: { tls?: { certificate: string } }[] } };
    };
    return config["lvs:cluster"].services.flatMap(({ tls }) => tls?.certificate ?? [])[0]!;
  }

  /** The cluster's hosts; real servers first, as they may be rebooted. */
  get hosts(): Machine[] {
    return [...this.realServers, ...this.routers, ...this.directors.toReversed()];
  }

  /** The first director: the master of a pair. */
  get director(): Machine {
    return this.directors[0]!;
  }

  /** The first lines of pages that the client got, each over a connection of its own. */
  async pages(count: number, url = `http://${this.vip}/`): Promise<string[]> {
    const command = `for i in $(seq ${count}); do curl -sS --max-time ${5 * this.slowness} '${url}'; done`;
    return (await this.client.succeed(command)).trim().split("\n");
  }

  /** How often each page came. */
  async tally(count: number, url?: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const page of await this.pages(count, url)) counts[page] = (counts[page] ?? 0) + 1;
    return counts;
  }

  /** Waits until the master holds the VIP, and every real server answers through it. */
  async serves(limitSeconds = 60 * this.slowness): Promise<void> {
    const holds = async () => (await this.director.run(`ip -o address | grep -qwF ${this.vip}`)).code === 0;
    await waitUntil(`${this.director.name} holds ${this.vip}`, holds, limitSeconds);
    if (!this.http) return;
    const names = this.realServers.map(({ name }) => name).sort();
    await waitUntil(
      `${names.join(" and ")} answer through ${this.vip}`,
      async () => {
        const ask = (from: string) => `curl -sS --max-time ${2 * this.slowness} ${from} http://${this.vip}/`;
        const asks = this.clients?.map((address) => ask(`--interface ${address}`)) ?? [ask("")];
        const command = `for i in $(seq ${this.clients ? 1 : 8}); do ${asks.join("; ")}; done`;
        const { stdout } = await this.client.run(command);
        return [...new Set(stdout.trim().split("\n"))].sort().join() === names.join();
      },
      limitSeconds,
    );
  }

  /** Status says of every director what its own tools say there. */
  statusIsTrue(): Promise<Status> {
    const names = this.proxies.map(({ name }) => name);
    const balancing = this.directors.filter(({ name }) => !names.includes(name));
    return statusIsTrue(this.stack, balancing, this.proxies);
  }

  /** Packets of all services that the director sent to real servers, and that came back through it, by now. */
  async packets(): Promise<{ in: number; out: number }> {
    const table = await this.director.succeed("ipvsadm -Ln --stats --exact");
    const rows = table
      .split("\n")
      .filter((line) => /^(TCP|UDP|SCTP|FWM) /.test(line))
      .map((line) => /(\d+) +(\d+) +(\d+) +(\d+) +(\d+) *$/.exec(line)!);
    const sum = (field: number) => rows.reduce((total, row) => total + Number(row[field]), 0);
    return { in: sum(2), out: sum(3) };
  }

  /** What the directors hold and have said, for a person who looks why a proof failed. */
  async told(): Promise<string> {
    const look = "ipvsadm -Ln; journalctl -u keepalived --no-pager | tail -n 15";
    const told = this.directors.map(async (director) => `${director.name}:\n${(await director.run(look)).stdout}`);
    return (await Promise.all(told)).join("\n");
  }

  /** Packets that came back through the director for `count` requests. */
  async backThroughDirector(count: number): Promise<number> {
    const before = await this.packets();
    await this.pages(count);
    // The kernel sums its counters up every 2 s.
    const now = await waitUntil(
      "the kernel counts the packets",
      async () => {
        const seen = await this.packets();
        return seen.in >= before.in + count * 4 && seen;
      },
      10 * this.slowness,
    );
    return now.out - before.out;
  }

  /** Waits until the replies to `count` requests are counted on their way back through the director. */
  async repliesPassDirector(count: number): Promise<void> {
    const before = await this.packets();
    await this.pages(count);
    const passed = async () => (await this.packets()).out >= before.out + count * 3;
    await waitUntil("the director counts the replies", passed, 10 * this.slowness);
  }
}

/** The life of a cluster on a lab of its own: found, set up, proven, failing over, rebooting, taken away. */
export function life(special: Life): void {
  const { vip, http = true, stays, proof, more, slowness = 1, advertInterval = 1 } = special;
  const name = special.variant?.name ?? special.name;
  const scene = new Scene(special);
  const { stack, whole, labOnly } = scene;
  let before: Snapshots;
  after(() => stack.clean());

  test(`${name}: up makes the lab alone, and its hosts are remembered`, async () => {
    await stack.init();
    succeeded(await stack.up(labOnly));
    before = await snapshots(scene.hosts);
  });

  test(`${name}: up makes the cluster, and it serves as its packets show`, async (t) => {
    const done = succeeded(await stack.up(whole));
    t.diagnostic(`figure: ${name} set up on booted machines in ${done.seconds.toFixed(0)} s`);
    await scene.serves();
    await proof(scene).catch(async (cause: unknown) => {
      t.diagnostic(await scene.told());
      throw cause;
    });
    await scene.statusIsTrue();
    succeeded(await stack.preview(whole, "--expect-no-changes"));
  });

  more?.(scene);

  if (scene.directors.length > 1 && http)
    for (const [fault, inject, mend] of [
      [
        "keepalived stopped",
        () => scene.director.succeed("systemctl stop keepalived"),
        () => scene.director.succeed("systemctl start keepalived"),
      ],
      ["power cut", () => scene.director.crash(), () => scene.director.start()],
    ] as const)
      test(`${name}: ${fault} on the master: the other director serves within the bound`, async (t) => {
        const load = await Load.start(scene.client, vip, { rate: 10 / slowness, limit: slowness });
        await inject();
        await load.answered(60, 60 * slowness);
        const { longestGap, requests, failed } = await load.stop();
        await mend();
        // keepalived's own time (RFC 5798: three adverts and the skew), and one for the answer.
        const bound = (3 + (256 - 50) / 256) * advertInterval + slowness;
        t.diagnostic(
          `figure: ${name}, ${fault}: longest gap ${longestGap.toFixed(2)} s (bound ${bound.toFixed(2)} s), ${failed} of ${requests} requests failed`,
        );
        assert.ok(longestGap <= bound, `gap ${longestGap} s`);
        await scene.serves();
      });

  test(`${name}: every host comes back from a power cut by itself, and the cluster serves`, async () => {
    for (const host of scene.hosts) {
      await host.crash();
      await host.start();
    }
    await scene.serves();
    await proof(scene);
    succeeded(await stack.gate(whole));
  });

  test(`${name}: destroy with the hosts kept leaves them as they were found`, async () => {
    succeeded(await stack.up(labOnly));
    assert.deepEqual(
      differences(before, await snapshots(scene.hosts)).filter((line) => !stays?.test(line)),
      [],
    );
  });

  test(`${name}: destroy of the lab ends well`, async () => void succeeded(await stack.destroy(labOnly)));
}

/** Throws unless counts have the shape of weights, within a part of the whole. */
export function assertShares(counts: Record<string, number>, weights: Record<string, number>, tolerance = 0.02): void {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const weight = Object.values(weights).reduce((sum, each) => sum + each, 0);
  for (const [name, share] of Object.entries(weights)) {
    const want = (total * share) / weight;
    const got = counts[name] ?? 0;
    assert.ok(Math.abs(got - want) <= total * tolerance, `${name}: ${got} of ${total}, wanted ${want}`);
  }
}
