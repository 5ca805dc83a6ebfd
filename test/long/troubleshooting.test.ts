import assert from "node:assert/strict";
import { after, test } from "node:test";
import { parse } from "yaml";
import { waitUntil, type Run } from "../lab/support/command.js";
import { readGuide, unsaid, type Command, type Edit } from "../lab/support/guide.js";
import { Pair } from "../lab/support/pair.js";
import { slowDownload } from "../lab/support/slow-download.js";
import { succeeded } from "../lab/support/stack.js";

const GATEWAY = "192.168.184.1";
const CLIENT = "203.0.113.50";

/** Case 1 as users meet it: the client is behind a router, and a neighbour is in the VIP's own subnet. */
const pair = new Pair("long-trouble", (lab) => {
  lab.segments.wan = { subnets: ["203.0.113.0/24"] };
  const { machines } = lab;
  for (const name of ["director-a", "director-b", "rs1", "rs2"])
    machines[name].routes = [{ to: "default", via: GATEWAY }];
  machines.neighbour = machines.client;
  machines.client = {
    interfaces: { ens32: { segment: "wan", addresses: [`${CLIENT}/24`] } },
    routes: [{ to: "default", via: "203.0.113.1" }],
  };
  machines.router = {
    interfaces: {
      ens32: { segment: "lan", addresses: [`${GATEWAY}/24`] },
      ens33: { segment: "wan", addresses: ["203.0.113.1/24"] },
    },
  };
});
const { stack, directorA, directorB, client, vip } = pair;
const [rs1, rs2, neighbour] = ["rs1", "rs2", "neighbour"].map((name) => pair.machine(name)) as [
  typeof client,
  typeof client,
  typeof client,
];
const route = { to: "default", via: GATEWAY, interface: "ens32" };
const guide = readGuide();
const tried = new Set<string>();

after(() => stack.clean());

/** Runs a command of the guide: stacks by the name of this test's own, and without questions. */
async function follow({ machine, command }: Command): Promise<Run> {
  if (machine !== undefined) return pair.machine(machine).run(`exec 2>&1\n${command}`);
  const [verb = "", ...words] = command
    .replace(/^npm run -s (pulumi|status|drift) -- /, (_, script: string) => (script === "pulumi" ? "" : `${script} `))
    .replace(/ ?-s lab-dr\b| lab-dr\b/, "")
    .split(" ")
    .map((word) => word.replace(/^'(.*)'$/, "$1"));
  const file = pair.file();
  if (verb === "status") return stack.status(...words);
  if (verb === "drift") return stack.drift(file);
  if (verb === "refresh") return stack.refresh(file);
  assert.equal(verb, "up", `the guide's "${command}" is known to this test`);
  return stack.up(file, ...words);
}

/** What the guide quotes and is not said; looked for again while it may still come, unless the command changes something. */
async function missing(step: Command): Promise<string[]> {
  const deadline = Date.now() + (changes(step) ? 0 : 60_000);
  for (;;) {
    const { stdout, stderr } = await follow(step);
    const output = (stdout + stderr).replaceAll(stack.name, "lab-dr");
    const quoted = unsaid(step.says, output);
    if (quoted === undefined) return [];
    if (Date.now() > deadline) return [`"${step.command}" must say "${quoted}", got:\n${output}`];
  }
}

const changes = ({ command }: Command) => command.startsWith("npm run -s pulumi -- ");

/** All that the guide quotes and is not said: looks side by side, and what changes something after them. */
async function show(steps: Command[]): Promise<string[]> {
  const looks = await Promise.all(steps.filter((step) => !changes(step)).map(missing));
  const failed = looks.flat();
  for (const step of steps.filter(changes)) failed.push(...(await missing(step)));
  return failed;
}

async function mend(steps: (Command | Edit)[]): Promise<void> {
  for (const step of steps) {
    if ("edit" in step) pair.file((cluster) => merge(cluster, parse(step.edit)));
    else if (step.says.length > 0) assert.deepEqual(await missing(step), []);
    else succeeded(await follow(step));
  }
}

/** As a person edits a stack file: field by field, `null` takes one out. */
function merge(into: any, from: any): void {
  for (const [key, value] of Object.entries(from))
    if (value === null) delete into[key];
    else if (typeof value === "object" && !Array.isArray(value)) merge((into[key] ??= {}), value);
    else into[key] = value;
}

/** The master has the VIP alone, and every real server answers to everybody. */
async function serves(who = [client, neighbour]): Promise<void> {
  await pair.oneHolder(60, "director-a");
  const answered = (from: typeof client) =>
    waitUntil(
      `${from.name} gets answers of both real servers, and no other`,
      async () => {
        const { stdout } = await from.run(`for i in 1 2 3 4 5 6; do curl -sS --max-time 2 http://${vip}/; done`);
        const pages = stdout.trim().split("\n");
        return pages.length === 6 && [...new Set(pages)].sort().join() === "rs1,rs2";
      },
      60,
    );
  await Promise.all(who.map(answered));
}

interface Try {
  /** Makes the cause. */
  make: () => Promise<unknown>;
  /** What the remedy says in words only, before its commands. */
  mend?: () => Promise<unknown> | void;
  /** Who is served before and after. */
  who?: (typeof client)[];
}

/** Makes a cause of the guide, sees what the guide quotes, follows its remedy, and sees traffic again. */
function cause(title: string, { make, mend: byHand, who }: Try): void {
  tried.add(title);
  test(title, async (t) => {
    const begin = Date.now();
    const { shows, remedy } = guide.get(title)!;
    await make();
    const failed = await show(shows);
    await byHand?.();
    await mend(remedy);
    await serves(who);
    assert.deepEqual(failed, []);
    t.diagnostic(`figure: seen and mended in ${((Date.now() - begin) / 1000).toFixed(0)} s`);
  });
}

const up = async (edit: (cluster: any) => void) => void (await pair.up(edit));
const detached = (unit: string, command: string) =>
  `systemctl reset-failed ${unit} 2>/dev/null; systemd-run --quiet --unit=${unit} sh -c ${JSON.stringify(command).replaceAll("$", "\\$")}`;

test("every cause of the guide is tried", () => {
  assert.deepEqual([...tried].sort(), [...guide.keys()].sort());
});

test("up makes the cluster", async () => {
  await stack.init();
  await up((cluster) => {
    cluster.routers = [{ name: "router", address: GATEWAY, interface: "ens32" }];
    for (const director of cluster.directors) delete director.state;
    for (const server of cluster.realServers) server.routes = [route];
    // The proof of a broken cluster waits for the slowest check before it says so.
    Object.assign(cluster.services[0].check, { connectTimeout: 2, retry: 1, delayBeforeRetry: 1, delayLoop: 2 });
  });
  await serves();
});

cause("The kernel's table is empty", { make: () => directorA.succeed("ipvsadm -C") });

cause("Every health check fails", {
  make: async () => {
    for (const server of [rs1, rs2]) await server.succeed("systemctl stop nginx");
    const empty = async () => (await directorA.table()).every((rule) => !rule.startsWith("-a"));
    await waitUntil("keepalived has taken both out", empty, 60);
  },
});

cause("A real server has lost the VIP", { make: () => rs1.succeed(`ip address del ${vip}/32 dev lo`) });

cause("A real server answers on its own address only", {
  make: () =>
    rs1.succeed(
      `sed -i 's/listen 80 /listen 192.168.184.12:80 /' /etc/nginx/sites-enabled/default; systemctl restart nginx`,
    ),
});

cause("A firewall on a real server drops what comes for the VIP", {
  make: () => rs1.succeed(`iptables -A INPUT -d ${vip} -p tcp --dport 80 -j DROP`),
});

cause("A real server answers for the VIP on the wire", {
  make: async () => {
    await rs1.succeed(
      "for scope in all ens32; do sysctl -q net.ipv4.conf.$scope.arp_ignore=0 net.ipv4.conf.$scope.arp_announce=0; done",
    );
    // As a host does that comes up with an address.
    await rs1.succeed(`arping -c 2 -U -I ens32 -s ${vip} ${vip}`);
  },
});

cause("Persistence holds the client", {
  make: () => up(({ services }) => (services[0].persistence = { timeout: 300 })),
  mend: () => pair.undo(),
});

cause("The others have weight 0", {
  make: () => directorA.succeed(`ipvsadm -e -t ${vip}:80 -r 192.168.184.13 -g -w 0`),
});

/** Waits until these directors have the VIP, and no other. */
const heldBy = (...names: string[]) =>
  waitUntil(
    `${names.join(" and ") || "nobody"} has the VIP`,
    async () => (await pair.holders()).join() === names.join(),
    30,
  );

cause("A firewall drops VRRP", {
  make: async () => {
    await directorB.succeed("iptables -A INPUT -p 112 -j DROP");
    await heldBy("director-a", "director-b");
  },
});

cause("The directors do not agree", {
  make: async () => {
    await directorB.succeed(
      "sed -i 's/auth_pass .*/auth_pass other/' /etc/keepalived/keepalived.conf; systemctl reload keepalived",
    );
    await heldBy("director-a", "director-b");
  },
});

cause("keepalived does not run", {
  make: async () => {
    for (const director of pair.directors) await director.succeed("systemctl stop keepalived");
    await heldBy();
  },
});

cause("The interface of the preferred one is down", {
  make: async () => {
    await directorA.succeed("ip link set ens32 down");
    await heldBy("director-b");
  },
});

cause("The real servers have no way back", {
  make: () => Promise.all([rs1, rs2].map((server) => server.succeed("ip route del default"))),
});

const SLOW = { bytes: 300_000, rate: 20_000 };

/** A download while the director that has the VIP stops; its end. */
async function downloadOverFailover(): Promise<Run> {
  for (const server of [rs1, rs2]) await server.succeed(`head -c ${SLOW.bytes} /dev/zero >/var/www/html/slow`);
  const download = slowDownload(client, vip, SLOW.rate);
  await waitUntil(
    "the download goes on",
    async () => /ESTABLISHED .*:80/.test(await directorA.succeed("ipvsadm -Lnc")),
    30,
  );
  // Told to the other director, who may have to be: after its third packet a connection is.
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await directorA.succeed("systemctl stop keepalived");
  const done = await download;
  await directorA.succeed("systemctl start keepalived");
  for (const server of [rs1, rs2]) await server.succeed("rm /var/www/html/slow");
  return done;
}

cause("The other director does not know them", {
  make: async () => assert.match((await downloadOverFailover()).stderr, /Connection reset by peer/),
});

test("with what the guide advises a download survives the same", async () => {
  await serves();
  assert.equal((await downloadOverFailover()).stdout, `200 ${SLOW.bytes}`);
  await serves();
});

cause("The host has another host key", {
  make: () =>
    rs2.succeed("mkdir /root/kept; mv /etc/ssh/ssh_host_* /root/kept; ssh-keygen -q -A; systemctl restart ssh"),
  mend: () => rs2.succeed("mv -f /root/kept/* /etc/ssh; rmdir /root/kept; systemctl restart ssh"),
});

let held = 0;
cause("Another apt has the lock", {
  make: async () => {
    held = Date.now();
    const hold = `open F, ">", "/var/lib/dpkg/lock-frontend"; my $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl F, F_SETLK, $lock or die $!; sleep 12`;
    await rs2.succeed(detached("other-apt", `perl -MFcntl -e '${hold}'`));
    pair.file(({ realServers }) => realServers[1].packages.push("ipvsadm"));
  },
  mend: () => assert.ok(Date.now() - held > 11_000, "it waited"),
});

cause("Another run changes the host", {
  make: async () => {
    pair.undo();
    await rs2.succeed(
      'read -r now _ </proc/uptime; echo "$((${now%.*} + 20)) somebody alice@elsewhere (process 1, other)" >/run/pulumi-lvs.lease',
    );
  },
});

test("the cluster moves to NAT", async () => {
  await up((cluster) => {
    cluster.forwarding = "nat";
    cluster.dip = { address: "192.168.184.222/24" };
    for (const field of ["connectionSync", "preemptDelay"]) delete cluster.vrrp[field];
    for (const server of cluster.realServers) delete server.routes;
  });
  await serves([client]);
});

cause("The gateway of a real server is another one", {
  make: () => rs1.succeed(`ip route replace default via ${GATEWAY}`),
  who: [client],
});

cause("The director does not forward", {
  make: () => directorA.succeed("sysctl -qw net.ipv4.ip_forward=0"),
  who: [client],
});

cause("NAT, and the client is in the real servers' subnet", { make: () => Promise.resolve() });

test("the cluster moves to TUN", async () => {
  await up((cluster) => {
    cluster.forwarding = "tun";
    delete cluster.lips;
    for (const server of cluster.realServers) server.routes = [route];
  });
  await serves();
});

cause("A strict rp_filter drops what comes out of the tunnel", {
  make: () => rs1.succeed("sysctl -qw net.ipv4.conf.all.rp_filter=1"),
});

cause("Full-size packets do not fit into the tunnel", {
  make: async () => {
    for (const server of [rs1, rs2]) await server.succeed("iptables -t mangle -F OUTPUT");
    await client.succeed("iptables -A INPUT -p icmp --icmp-type fragmentation-needed -j DROP");
    await client.succeed(
      detached(
        "big",
        `while :; do curl -sS --max-time 5 -H "Cookie: $(head -c 3000 /dev/zero | tr '\\0' x)" http://${vip}/; done`,
      ),
    );
  },
  // The firewall stays.
  mend: () => client.succeed("systemctl stop big"),
});
