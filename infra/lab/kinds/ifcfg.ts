import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../errors.js";
import type { TarEntry } from "../tar.js";
import { file, serviceNics, target, type GuestKind, type ServiceNic } from "./kind.js";

const FOLDER = "etc/sysconfig/network-scripts";

/** Environment variable with the folder that holds initscripts' network-scripts: GPL, so no part of this project. */
export const SCRIPTS = "PULUMI_LVS_NETWORK_SCRIPTS";

async function scripts(): Promise<TarEntry[]> {
  const folder = process.env[SCRIPTS];
  const rule = `${SCRIPTS}: must name a folder with initscripts' network-scripts for a machine of kind ifcfg`;
  const next = "Take them from the source of Fedora's initscripts.";
  if (!folder) throw new LabError(`${rule}, got none. ${next}`);
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new LabError(`${rule}, got ${folder} (${cause.code ?? cause.message}). ${next}`);
  });
  const lacking = ["ifup", "ifdown", "ifup-eth", "network-functions", "rc-functions"].filter((n) => !names.includes(n));
  if (lacking.length > 0) throw new LabError(`${rule}, got ${folder} without ${lacking.join(", ")}. ${next}`);
  // Red Hat's sh is bash, and the scripts count on it.
  const read = async (name: string) =>
    (await readFile(join(folder, name), "utf8")).replace(/^#! *\/bin\/sh\b/, "#!/bin/bash");
  const own = names.filter((name) => /^(if(up|down)|network-functions|init\.ipv6|ifcfg-lo$)/.test(name));
  const kept = own.map(async (name) => ({ path: `${FOLDER}/${name}`, mode: 0o755, content: await read(name) }));
  return [
    ...(await Promise.all(kept)),
    { path: "etc/init.d/functions", mode: 0o644, content: await read("rc-functions") },
    { path: "usr/sbin/ifup", mode: 0o755, content: await read("ifup") },
    { path: "usr/sbin/ifdown", mode: 0o755, content: await read("ifdown") },
  ];
}

function numbered(addresses: string[]): string[] {
  return addresses.flatMap((each, index) => {
    const [address = "", length = ""] = each.split("/");
    const number = index === 0 ? "" : String(index);
    return [`IPADDR${number}=${address}`, `PREFIX${number}=${length}`];
  });
}

/** The files of a NIC as Red Hat's sysconfig.txt has them. */
function ifcfgFiles({ name, ipv4, ipv6, routes }: ServiceNic): TarEntry[] {
  const gateway = routes.find(({ to, via }) => to === "default" && !via.includes(":"));
  const gateway6 = routes.find(({ to, via }) => to === "default" && via.includes(":"));
  const others = routes.filter(({ to }) => to !== "default");
  const routeFile = (kind: string, v6: boolean) => {
    const lines = others.filter(({ via }) => via.includes(":") === v6);
    if (lines.length === 0) return [];
    return [
      file(
        `${FOLDER}/${kind}-${name}`,
        lines.map((each) => `${target(each)} via ${each.via} dev ${name}`),
      ),
    ];
  };
  return [
    file(`${FOLDER}/ifcfg-${name}`, [
      `DEVICE=${name}`,
      "TYPE=Ethernet",
      "BOOTPROTO=none",
      "ONBOOT=yes",
      "NM_CONTROLLED=no",
      ...numbered(ipv4),
      ...(gateway === undefined ? [] : [`GATEWAY=${gateway.via}`]),
      ...(ipv6.length === 0 ? [] : ["IPV6INIT=yes", "IPV6_AUTOCONF=no", `IPV6ADDR=${ipv6[0]!}`]),
      ...(ipv6.length < 2 ? [] : [`IPV6ADDR_SECONDARIES="${ipv6.slice(1).join(" ")}"`]),
      ...(gateway6 === undefined ? [] : [`IPV6_DEFAULTGW=${gateway6.via}`]),
    ]),
    ...routeFile("route", false),
    ...routeFile("route6", true),
  ];
}

/** In short what Red Hat's `/etc/rc.d/init.d/network` does: all files with ONBOOT but aliases, lo first, and last when it stops. */
const NETWORK = `#!/bin/bash
cd /etc/sysconfig/network-scripts || exit 1
. /etc/init.d/functions
export DEPRECATION_WARNING_ISSUED=yes
names=$(ls ifcfg-* | sed 's/^ifcfg-//' | grep -v -e '^lo$' -e : -e '-range')
wanted() { (. "./ifcfg-$1"; ! is_false "$ONBOOT"); }
case $1 in
start)
    ./ifup lo boot
    code=0
    for name in $names; do
        if wanted "$name"; then ./ifup "$name" boot || code=1; fi
    done
    exit $code
    ;;
stop)
    for name in $names; do
        if [ -d "/sys/class/net/$name" ]; then ./ifdown "$name" boot; fi
    done
    ./ifdown lo boot
    ;;
esac
`;

const SERVICE = `[Unit]
Description=Bring up/down networking
After=network-pre.target systemd-sysctl.service
Before=network.target network-online.target
Wants=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/lab/network-scripts start
ExecStop=/usr/lib/lab/network-scripts stop

[Install]
WantedBy=multi-user.target
`;

/** Red Hat's network-scripts, the real ones, on Debian's userland. */
export const ifcfg: GuestKind = {
  units: ["network.service"],
  files: async (machine) => [
    { path: "etc/sysconfig/", mode: 0o755 },
    { path: `${FOLDER}/`, mode: 0o755 },
    ...(await scripts()),
    // PEERDNS: else ifup-post writes an empty resolv.conf anew at each boot.
    file("etc/sysconfig/network", ["NETWORKING=yes", "PEERDNS=no"]),
    ...serviceNics(machine).flatMap(ifcfgFiles),
    // Not in /etc/init.d: Debian's systemctl would enable it as a script of System V.
    { path: "usr/lib/lab/network-scripts", mode: 0o755, content: NETWORK },
    { path: "etc/systemd/system/network.service", mode: 0o644, content: SERVICE },
    // Where Red Hat has them.
    file("usr/bin/ipcalc", ["#!/bin/sh", 'exec /usr/bin/ipcalc-ng "$@"'], 0o755),
    file("usr/sbin/arping", ["#!/bin/sh", 'exec /usr/bin/arping "$@"'], 0o755),
  ],
};
