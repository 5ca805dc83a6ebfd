import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { HostPlan } from "../../../infra/plan/types.js";
import type { Wants } from "../../../infra/provider/sections.js";
import { mayIsolate } from "../linux/namespace.js";
import { networkHost, type NetworkHost } from "./network-host.js";
import { networkChanges, networkHostPlan } from "./network-variants.js";

const scripts = join(__dirname, "../../../../shared/fixtures/network-scripts");
const titles = Object.keys(networkChanges);

interface Manager {
  needs: string[];
  /** The host's own files: ens32 with its address, as an installer would have left it; and a gateway where one is given. */
  own: (gateway?: string) => string;
  boot: (host: NetworkHost) => Promise<void>;
}

const daemon = (command: string) => (host: NetworkHost) => host.start(command);
const addresses = "192.168.184.12/24 2001:db8::12/64";

/** Each manager as the host has it, and what happens at boot. */
const managers: Record<string, Manager> = {
  networkd: {
    needs: ["/lib/systemd/systemd-networkd"],
    own: (gateway) =>
      `{ echo [Match]; echo Name=ens32; echo [Network]; for a in ${addresses}; do echo Address=$a; done; ${gateway ? `echo Gateway=${gateway}; ` : ""}} >/etc/systemd/network/ens32.network`,
    boot: daemon("/lib/systemd/systemd-networkd"),
  },
  netplan: {
    needs: ["/usr/sbin/netplan", "/lib/systemd/systemd-networkd"],
    own: (gateway) =>
      `printf 'network:\\n  ethernets:\\n    ens32:\\n      addresses: [192.168.184.12/24, "2001:db8::12/64"]\\n${gateway ? `      routes: [{to: 0.0.0.0/0, via: ${gateway}}]\\n` : ""}' >/etc/netplan/50-host.yaml`,
    async boot(host) {
      const said = await host.sh("netplan generate 2>&1");
      // It says of every file of others that they may read it; ours is root's alone.
      assert.doesNotMatch(said, /pulumi-lvs/);
      await host.start("/lib/systemd/systemd-networkd");
    },
  },
  ifupdown: {
    needs: ["/usr/sbin/ifup"],
    own: (gateway) =>
      [
        "echo 'source /etc/network/interfaces.d/*' >/etc/network/interfaces",
        `for l in 'auto lo ens32' 'iface lo inet loopback' 'iface ens32 inet static' '  address 192.168.184.12/24' ${gateway ? `'  gateway ${gateway}' ` : ""}'iface ens32 inet6 static' '  address 2001:db8::12/64' '  dad-attempts 0'; do echo "$l"; done >>/etc/network/interfaces`,
      ].join("; "),
    boot: async (host) => {
      // Scripts run once for each family: what is of IPv6 fails while IPv4 comes up, and is done when IPv6 has.
      assert.doesNotMatch(await host.sh("ifup -a 2>&1"), /failed: ip (?!-6)/);
    },
  },
  networkmanager: {
    needs: ["/usr/sbin/NetworkManager", "/usr/bin/dbus-daemon"],
    own: (gateway) =>
      [
        "mkdir -p /etc/NetworkManager/conf.d /etc/NetworkManager/dispatcher.d /var/lib/NetworkManager",
        "mount -t tmpfs nm /var/lib/NetworkManager",
        "printf '[main]\\nplugins=keyfile\\ndns=none\\n[keyfile]\\nunmanaged-devices=interface-name:peer-*\\n' >/etc/NetworkManager/NetworkManager.conf",
        `printf '[connection]\\nid=ens32\\ntype=ethernet\\ninterface-name=ens32\\n[ipv4]\\nmethod=manual\\naddress1=192.168.184.12/24${gateway ? `,${gateway}` : ""}\\n[ipv6]\\nmethod=manual\\naddress1=2001:db8::12/64\\n' >/etc/NetworkManager/system-connections/ens32.nmconnection`,
        "chmod 600 /etc/NetworkManager/system-connections/ens32.nmconnection",
      ].join(" && "),
    async boot(host) {
      // What an earlier one has left would be taken for its own.
      await host.sh("rm -f /run/dbus/*");
      await host.start("dbus-daemon --system --nofork");
      await host.sh("until [ -S /run/dbus/system_bus_socket ]; do sleep 0.1; done");
      await host.start("NetworkManager --no-daemon");
      await host.sh(
        "timeout 20 sh -c 'until nmcli -g GENERAL.STATE device show ens32 | grep -q ^100; do sleep 0.2; done'",
      );
      // Its dispatcher is a service of systemd, which does not run here.
      await host.sh('for f in /etc/NetworkManager/dispatcher.d/*pulumi*; do [ ! -e "$f" ] || "$f" ens32 up; done');
    },
  },
  ifcfg: {
    needs: [scripts, "/usr/bin/ipcalc-ng", "/bin/bash"],
    own: (gateway) =>
      [
        `mkdir -p /etc/init.d /etc/sysconfig/network-scripts /run/bin /run/work && cp ${scripts}/* /etc/sysconfig/network-scripts/`,
        `cp ${scripts}/rc-functions /etc/init.d/functions && echo NETWORKING=yes >/etc/sysconfig/network`,
        // The scripts call RHEL's ipcalc by its path.
        "cp /usr/bin/ipcalc-ng /run/bin/ipcalc && mount -t overlay -o lowerdir=/run/bin:/usr/bin none /usr/bin",
        `printf 'DEVICE=ens32\\nBOOTPROTO=none\\nONBOOT=yes\\nNM_CONTROLLED=no\\nIPADDR=192.168.184.12\\nPREFIX=24\\nIPV6INIT=yes\\nIPV6ADDR=2001:db8::12/64\\nIPV6_AUTOCONF=no\\nARPCHECK=no\\n${gateway ? `GATEWAY=${gateway}\\n` : ""}' >/etc/sysconfig/network-scripts/ifcfg-ens32`,
      ].join(" && "),
    async boot(host) {
      await host.sh("cd /etc/sysconfig/network-scripts && ./ifup ifcfg-lo && ./ifup ifcfg-ens32 boot");
    },
  },
};

/** What must be live after a boot: everything that the plan wants of the network. */
const wanted = ({ links = {}, addresses: all, routes }: HostPlan): Wants => ({ links, addresses: all, routes });

/** Commands of the units that are left to systemd, in their order at boot, once the network is up. */
async function units(host: NetworkHost, { files }: HostPlan, which = /^/): Promise<void> {
  assert.deepEqual(await host.missing({ addresses: { "ens32 192.168.184.12/24": {} } }), []);
  for (const name of ["lvs-addresses", "lvs-routes"]) {
    const text = files[`/etc/systemd/system/${name}.service`]?.content ?? "";
    if (!which.test(text)) continue;
    for (const [, command] of text.matchAll(/^ExecStart=(.*)$/gm)) await host.sh(String(command));
  }
}

for (const [backend, { needs, own, boot }] of Object.entries(managers)) {
  const absent = needs.find((path) => !existsSync(path));
  const skip = !mayIsolate ? "needs root on Linux, for namespaces" : absent === undefined ? false : `needs ${absent}`;
  describe(`the real ${backend} sets up at boot`, { skip, timeout: 300_000 }, () => {
    /** A host of its own that has booted with the files of a plan. */
    const booted = async (host: NetworkHost, plan: HostPlan, gateway?: string) => {
      await host.sh(own(gateway));
      await host.write(
        Object.fromEntries(Object.entries(plan.files).filter(([path]) => !/^\/usr|keepalived|sysctl|vip/.test(path))),
      );
      await host.sh("ip link set lo up; ip link set ens32 up");
      await boot(host);
      await units(host, plan);
    };

    test("the cluster's gateway before the host's own, also when the manager is started anew", async () => {
      const plan = networkHostPlan("real server of NAT with its gateway", backend);
      const host = await networkHost();
      const goes = async () => (await host.sh("ip route get 203.0.113.1")).split("\n")[0];
      try {
        await booted(host, plan, "192.168.184.254");
        assert.deepEqual(await host.missing(wanted(plan)), [], await host.sh("ip route"));
        assert.match((await goes())!, /via 192\.168\.184\.1 /);
        await host.stop();
        // What is back of its own tells that a daemon has gone through the interface; those without leave it alone.
        if (backend !== "ifupdown" && backend !== "ifcfg") await host.sh("ip address del 2001:db8::12/64 dev ens32");
        await boot(host);
        await units(host, plan, /^PartOf=/m);
        assert.deepEqual(await host.missing({ addresses: { "ens32 2001:db8::12/64": {} } }), []);
        assert.match((await goes())!, /via 192\.168\.184\.1 /, await host.sh("ip route"));
      } finally {
        await host.end();
      }
    });

    for (const title of titles)
      test(`what a ${title} wants`, async () => {
        const plan = networkHostPlan(title, backend);
        const host = await networkHost();
        try {
          await booted(host, plan);
          assert.deepEqual(await host.missing(wanted(plan)), [], await host.sh("ip address; ip route; ip -6 route"));
        } finally {
          await host.end();
        }
      });
  });
}

describe(
  "networkd started anew",
  { skip: existsSync("/lib/systemd/systemd-networkd") && mayIsolate ? false : "needs root and systemd-networkd" },
  () => {
    test("leaves keepalived's VIP and a route of its own where they are", async () => {
      const { own, boot } = managers["networkd"]!;
      const plan = networkHostPlan("director with keepalived", "networkd");
      const host = await networkHost();
      try {
        await host.sh(own());
        await host.sh("ip link set lo up; ip link set ens32 up");
        await boot(host);
        assert.deepEqual(await host.missing({ addresses: { "ens32 192.168.184.12/24": {} } }), []);
        await host.sh(
          "ip address add 192.168.184.100/24 dev ens32 label ens32:3; ip route add 10.9.0.0/24 via 192.168.184.1",
        );
        await host.write(Object.fromEntries(Object.entries(plan.files).filter(([path]) => path.includes("network"))));
        await host.stop();
        // What is back of its own tells that it has gone through the interface.
        await host.sh("ip address del 2001:db8::12/64 dev ens32");
        await boot(host);
        assert.deepEqual(await host.missing({ addresses: { "ens32 2001:db8::12/64": {} } }), []);
        const kept = {
          addresses: { "ens32 192.168.184.100/24": { label: "ens32:3" } },
          routes: { "10.9.0.0/24": { via: "192.168.184.1" } },
        };
        assert.deepEqual(await host.missing(kept), []);
      } finally {
        await host.end();
      }
    });
  },
);
