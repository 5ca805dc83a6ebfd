import { planCluster } from "../render/index.js";
import { formatProblem, networkBackends, parseCluster, type NetworkBackendName } from "../spec/index.js";

/** One logical host: a real server of direct routing with two VIPs, a further address and two routes. */
const input = (networkBackend: NetworkBackendName) => ({
  name: "web",
  forwarding: "dr",
  networkBackend,
  vips: [{ address: "192.0.2.100/24", label: "eth0:3" }, { address: "2001:db8::100/64" }],
  vrrp: { virtualRouterId: 51 },
  directors: [{ name: "director", address: "192.0.2.11", address6: "2001:db8::11", interface: "eth0" }],
  realServers: [
    {
      name: "rs1",
      address: "192.0.2.12",
      address6: "2001:db8::12",
      interface: "eth0",
      addresses: [{ address: "10.9.0.2/24", interface: "eth0", label: "eth0:9" }],
      routes: [
        { to: "default", via: "192.0.2.1", interface: "eth0", metric: 10 },
        { to: "2001:db8:8::/64", via: "2001:db8::1", interface: "eth0" },
      ],
    },
  ],
  services: [
    { vip: "192.0.2.100", port: 80 },
    { vip: "2001:db8::100", port: 80 },
  ],
});

interface About {
  for: string;
  loads: string;
  keeps: string;
  text: string;
}

const about: Readonly<Record<NetworkBackendName, About>> = {
  "systemd-unit": {
    for: "any host with systemd",
    loads: "nothing",
    keeps: "nothing",
    text: "One-shot units call `ip`: on lo and tunnels early, elsewhere once the network is up. The manager knows nothing of it, so a manager that takes away what it does not know can do so when it is restarted.",
  },
  networkd: {
    for: "systemd-networkd",
    loads: "nothing",
    keeps: "`KeepConfiguration=static` for addresses, `ManageForeignRoutes=no` for routes",
    text: "Interfaces have a drop-in beside the host's own `.network` file, whose name is `networkNames` where it is not the interface's. lo and tunnels have no file, and stay with units: networkd changes sysctls of each link that it is given, and never puts them back. Where a file of the host's own matches lo, say so (`networkNames: { lo: <name> }`), and lo has a drop-in, too. A `networkctl reload` would set changed links up anew and take routes off them for a moment, so none is made: networkd reads the same at its next start.",
  },
  ifupdown: {
    for: "Debian's ifupdown",
    loads: "nothing: there is no daemon",
    keeps: "not needed: ifupdown acts when it is called",
    text: "lo and tunnels have stanzas in `interfaces.d`, which `/etc/network/interfaces` must include by `source` or `source-directory` as Debian's does. Debian reads them before the host's own stanzas, so other interfaces have a script that runs after each of them has come up.",
  },
  netplan: {
    for: "netplan with networkd as its renderer",
    loads: "nothing: netplan reads its YAML at boot, and at `daemon-reload`",
    keeps: "as networkd, by drop-ins of the `.network` files that netplan makes",
    text: "lo and tunnels as under networkd. A YAML file of ours, which netplan joins with the host's by the id of each device: `networkNames` where that is not the interface's name, with its section where that is not `ethernets`. Where netplan renders for NetworkManager, take `networkmanager`.",
  },
  networkmanager: {
    for: "NetworkManager",
    loads: "nothing: scripts are read each time they run",
    keeps: "`keep-configuration=yes`; tunnels are `managed=0`",
    text: "A device has one profile, and that one is the host's own. So a dispatcher script sets what comes beside it, each time that NetworkManager has set the device up. It can labels and scopes, too, which profiles cannot. NetworkManager leaves lo alone, so a unit sets its addresses; a profile of lo, which 1.42 and later take, would remove what others put on lo. Connections keep addresses of others over `nmcli connection reload` and a restart (seen with 1.42), not over `nmcli device reapply`: keepalived then sees its VIPs go.",
  },
  ifcfg: {
    for: "RHEL's network-scripts (`network.service`)",
    loads: "nothing: there is no daemon",
    keeps: "not possible: `ifup` of an interface removes aliases that have no file, and keepalived sees its VIPs go",
    text: "An alias file for each labelled address, one for all IPv6 addresses of an interface, `route-<dev>` and `route6-<dev>`. An address without label is set by a unit that follows `network.service`. Where NetworkManager reads ifcfg files, it ignores those of lo: take `networkmanager`.",
  },
};

/** Text of docs/network-backends.md. */
export function networkBackendsPage(): string {
  const rows = networkBackends.map((name) => {
    const { for: host, keeps, loads } = about[name];
    return `| [\`${name}\`](#${name}) | ${host} | ${loads} | ${keeps} |`;
  });
  return [
    "<!-- Made by `npm run docs` from infra/docs/network-backends.ts; do not edit. -->\n",
    "# Network backends\n",
    "What the toolkit sets on a host, it sets live with `ip`, without a link going down. So that it is there after a reboot, it is also written down in the way of the host's own network manager. `networkBackend` of the cluster, or of a host, says which one that is. What a manager has no word for, as firewall rules, stays with the units of `systemd-unit`.\n",
    "VIPs of directors with keepalived are in no file: keepalived owns them. All files are new ones beside the host's own, and go away with `destroy`.\n",
    "A default route without `metric` is to be the host's gateway, also where the host's own files name another one. networkd, netplan and ifcfg would set up that one besides or instead, so a unit puts the cluster's in its place once the network is up.\n",
    "## Which one\n",
    "`networkBackend: detect` asks each host at its first `up`, before anything is changed there, and keeps the answer. Asked are the managers' own tools, `networkctl`, `nmcli` and `ifquery`, and `network.service` with its files: who has set up the host's `interface`, and the others that the cluster uses. Names of networkd's and netplan's files are found as well. Nobody that is known gives `systemd-unit`; two managers for one host's interfaces are refused. A preview before that `up` shows what will be live; `files` and `units` of the host are not known yet, but with `pulumi preview --refresh`, which asks the host.\n",
    "A backend that is named is looked at in the same way at `up`, so that a wrong name is found then, and not at the next reboot:\n",
    "```\nrs1: networkBackend ifupdown: a manager that has set up eth0, got networkd. Let ifupdown have eth0, or write networkBackend: networkd.\nrs1: networkNames.eth0: the name of its .network file, 20-wired, got nothing. Write networkNames: { eth0: 20-wired }.\n```\n",
    "`refresh` and `npm run drift` look again. A host that has been given to another manager since shows as drift of `manager`, and under `detect` the next `up` takes that one.\n",
    "## All of them\n",
    "| backend | for hosts with | what is loaded live | what keeps addresses of others |\n|---|---|---|---|",
    ...rows,
    "\nThe files below are those of one real server of direct routing with a VIP of each family, a further address and two routes.\n",
    ...networkBackends.map((name) => `## ${name}\n\n${about[name].text}\n\n${filesOf(name)}`),
  ].join("\n");
}

function filesOf(name: NetworkBackendName): string {
  const result = parseCluster(input(name));
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  const { files } = planCluster(result.cluster).hosts["rs1"]!;
  return Object.entries(files)
    .filter(([path]) => !/sysctl|modules-load/.test(path))
    .map(([path, { content, mode }]) => `\`${path}\` (${mode})\n\n\`\`\`\n${content}\`\`\`\n`)
    .join("\n");
}
