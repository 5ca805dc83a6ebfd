import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { DirectorStatus, Status } from "../../../infra/status/schema.js";
import { Watch } from "./command.js";
import type { Machine } from "./machine.js";
import { root, type Stack } from "./stack.js";
import { compareProxy, toldOfProxy } from "./status-proxy.js";
import { addressesOf, between } from "./status-values.js";

const schema = JSON.parse(readFileSync(join(root, "docs", "status.schema.json"), "utf8")) as object;
const validate = new Ajv2020({ allErrors: true, formats: { "date-time": true } }).compile<Status>(schema);

/** Throws unless it is as docs/status.schema.json says. */
export function valid(status: unknown): Status {
  if (!validate(status)) assert.fail(`${JSON.stringify(validate.errors, null, 2)}\n${JSON.stringify(status, null, 2)}`);
  return status;
}

/** What a director's own tools say of it. */
interface Told {
  /** Rules of `ipvsadm -Sn`, as sets of words. */
  rules: string[];
  /** `/proc/net/ip_vs_stats`: the line of sums, and the line of rates. */
  sums: number[];
  rates: number[];
  /** Active and inactive connections of `ipvsadm -Ln`, by service and real server. */
  connections: Record<string, [number, number]>;
  /** `<dev> <address>/<prefix>` of `ip -j address`. */
  addresses: string[];
}

const TOLD = "ipvsadm -Sn; echo ==; cat /proc/net/ip_vs_stats; echo ==; ipvsadm -Ln; echo ==; ip -j address show";

/** Words of a rule in no order: ipvsadm's own does not matter, and it names the plain kind of a tunnel. */
function words(rule: string): string {
  const plain = rule.trim().replace(/ --tun-type ipip\b/, "");
  return plain
    .replace(/ -b (\S+)/, (_, flags: string) => ` -b ${flags.split(",").sort().join(",")}`)
    .split(/\s+/)
    .sort()
    .join(" ");
}

async function told(director: Machine): Promise<Told> {
  const [rules = "", stats = "", list = "", links = ""] = (await director.succeed(TOLD)).split("==\n");
  const [, , sums = "", , , rates = ""] = stats.split("\n").map((line) => line.trim());
  const numbers = (line: string) => line.split(/\s+/).map((word) => parseInt(word, 16));
  const connections: Told["connections"] = {};
  let service = "";
  for (const line of list.split("\n")) {
    const [kind = "", name = "", third = ""] = line.trim().split(/\s+/);
    if (/^(TCP|UDP|SCTP)$/.test(kind)) service = `${kind.toLowerCase()} ${name}`;
    else if (kind === "FWM") service = `fwmark ${name}${third === "IPv6" ? " inet6" : ""}`;
    else if (kind === "->" && service !== "") {
      const [active, inactive] = line.trim().split(/\s+/).slice(-2).map(Number) as [number, number];
      connections[`${service} ${name}`] = [active, inactive];
    }
  }
  return {
    rules: rules.trim().split("\n").map(words).sort(),
    sums: numbers(sums),
    rates: numbers(rates),
    connections,
    addresses: addressesOf(links),
  };
}

const FLAGS = { tcp: "-t", udp: "-u", sctp: "--sctp-service", fwmark: "-f" };

/** The rules that a director's status stands for. */
function rulesOf({ services }: DirectorStatus): string[] {
  return services
    .flatMap((each) => {
      const [kind = "", name = "", family] = each.service.split(" ");
      const who = `${FLAGS[kind as keyof typeof FLAGS]} ${name}${family ? " -6" : ""}`;
      const { persistenceTimeout: timeout, persistenceGranularity: mask } = each;
      const options = [
        `-s ${each.scheduler}`,
        ...(timeout === undefined ? [] : [`-p ${timeout}`]),
        ...(mask === undefined ? [] : [`-M ${mask}`]),
        ...(each.flags ? [`-b ${each.flags.join(",")}`] : []),
        ...(each.onePacket ? ["-o"] : []),
      ];
      const entries = each.realServers.filter(({ inTable }) => inTable);
      return [
        `-A ${who} ${options.join(" ")}`,
        ...entries.map(({ address, forwarding, weight, tunnel = "" }) => {
          const method = { dr: "-g", nat: "-m", tun: "-i" }[forwarding!];
          return `-a ${who} -r ${address} ${method} -w ${weight} ${tunnel}`;
        }),
      ];
    })
    .map(words)
    .sort();
}

/**
 * Status says of each director what `ipvsadm -Sn`, `/proc/net/ip_vs_stats`, `ipvsadm -Ln` and `ip -j` say there, of each of
 * those that run a proxy what haproxy's socket, `nginx -T`, `ss` and `ip -j` say, and that all is healthy; its JSON is valid.
 * Looked at again while something moves.
 */
export async function statusIsTrue(stack: Stack, directors: Machine[], proxies: Machine[] = []): Promise<Status> {
  const tell = () => Promise.all([Promise.all(directors.map(told)), Promise.all(proxies.map(toldOfProxy))]);
  for (let attempt = 0; ; attempt += 1) {
    const [before, proxiesBefore] = await tell();
    const done = await stack.status("--json");
    const [after, proxiesAfter] = await tell();
    assert.ok(done.stdout.startsWith("{"), done.stderr);
    const status = valid(JSON.parse(done.stdout));
    try {
      const moved = directors.some((_, at) => before[at]!.rules.join() !== after[at]!.rules.join());
      assert.ok(!moved, "a table changed while status looked");
      directors.forEach(({ name }, at) => compare(status, name, before[at]!, after[at]!));
      proxies.forEach(({ name }, at) => compareProxy(status, name, proxiesBefore[at]!, proxiesAfter[at]!));
      const machines = [...directors, ...proxies];
      compareHolders(status, machines, [...after, ...proxiesAfter]);
      assert.deepEqual(
        status.clusters.flatMap((cluster) => cluster.directors.map(({ host }) => host)).sort(),
        machines.map(({ name }) => name).sort(),
        "it has all directors",
      );
      assert.deepEqual([done.code, status.verdict, status.problems], [0, "healthy", []]);
      return status;
    } catch (cause) {
      if (attempt === 4) throw cause;
    }
  }
}

function compare({ clusters }: Status, name: string, before: Told, after: Told): void {
  const director = clusters.flatMap(({ directors }) => directors).find(({ host }) => host === name);
  assert.ok(director, `${name} is in the status`);
  assert.deepEqual(rulesOf(director), after.rules);
  const order = ["connections", "packetsIn", "packetsOut", "bytesIn", "bytesOut"] as const;
  order.forEach((field, at) => {
    between(`${name}: ${field}`, director.total!.counted[field], before.sums[at]!, after.sums[at]!);
    between(`${name}: ${field}/s`, director.total!.rates[field], before.rates[at]!, after.rates[at]!);
  });
  for (const { service, realServers } of director.services)
    for (const { address, active, inactive, inTable } of realServers) {
      const key = `${service} ${address}`;
      assert.equal(inTable, after.connections[key] !== undefined, `${name}: ${key} is in the table`);
      if (!inTable) continue;
      const [was, is] = [before.connections[key], after.connections[key]];
      assert.ok(was && is, `${name}: ipvsadm -Ln has ${key}`);
      between(`${name}: ${key}, active`, active!, was[0], is[0]);
      between(`${name}: ${key}, inactive`, inactive!, was[1], is[1]);
    }
}

function compareHolders({ clusters }: Status, directors: Machine[], after: Pick<Told, "addresses">[]): void {
  const vips = clusters.flatMap((cluster) => cluster.vips);
  assert.ok(vips.length > 0, "there are VIPs");
  for (const { address, holders } of vips) {
    const having = directors.flatMap(({ name }, at) =>
      after[at]!.addresses.filter((each) => each.endsWith(` ${address}`)).map((each) => `${name} ${each}`),
    );
    assert.deepEqual(
      holders.map((holder) => `${holder.host} ${holder.interface} ${address}`),
      having,
    );
    for (const { seconds } of holders)
      assert.ok(seconds !== null && seconds < 7200, `${address}: held for ${seconds} s`);
  }
}

/** `status --watch --json` beside a test. */
export class StatusWatch extends Watch {
  constructor(stack: Stack) {
    super(stack.statusArgv("--watch", "--json"), { env: stack.env, cwd: root });
  }

  /** All looks so far, each valid. */
  get looks(): Status[] {
    const whole = this.text.slice(0, this.text.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => valid(JSON.parse(line)));
  }

  /** Who has the VIPs, as the last look has it. */
  holders(): string[] {
    const vips = this.looks.at(-1)?.clusters.flatMap((cluster) => cluster.vips) ?? [];
    return [...new Set(vips.flatMap(({ holders }) => holders.map(({ host }) => host)))];
  }
}
