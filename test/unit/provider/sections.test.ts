import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Step } from "../../../infra/host/types.js";
import {
  asInputs,
  changeAll,
  mergeFound,
  keysOf,
  only,
  outOfStep,
  readAll,
  refuseUnreadable,
  sectionNames,
  type Readings,
  type Wants,
} from "../../../infra/provider/sections.js";

const wanted = { content: "x\n", mode: "0644", owner: "root", group: "root" };
const unitFile = "/etc/systemd/system/lvs-addresses.service";
const present = <T>(value: T) => ({ state: "present" as const, value });
const absent = { state: "absent" as const };

/** One thing of each kind, as a real server has them. */
const want: Wants = {
  packages: { curl: "installed" },
  files: { "/etc/sysctl.d/90-pulumi-lvs.conf": wanted, [unitFile]: wanted },
  modules: { ip_vs: "loaded" },
  sysctls: { "net.ipv4.conf.all.arp_ignore": "1" },
  addresses: { "lo 192.0.2.1/32": { label: "lo:1" } },
  routes: { "198.51.100.0/24": { via: "192.0.2.254" } },
  units: { "lvs-addresses.service": { enabled: true, active: true } },
};
const nothing: Readings = {
  packages: { curl: absent },
  files: { "/etc/sysctl.d/90-pulumi-lvs.conf": absent, [unitFile]: absent },
  modules: { ip_vs: absent },
  sysctls: { "net.ipv4.conf.all.arp_ignore": present("0") },
  addresses: { "lo 192.0.2.1/32": absent },
  routes: { "198.51.100.0/24": absent },
  units: { "lvs-addresses.service": absent },
};
const everything: Readings = {
  packages: { curl: present("installed") },
  files: { "/etc/sysctl.d/90-pulumi-lvs.conf": present(wanted), [unitFile]: present(wanted) },
  modules: { ip_vs: present("loaded") },
  sysctls: { "net.ipv4.conf.all.arp_ignore": present("1") },
  addresses: { "lo 192.0.2.1/32": present({ label: "lo:1" }) },
  routes: {
    "198.51.100.0/24": present({
      via: "192.0.2.254",
      dev: "eth0",
      routes: ["198.51.100.0/24 via 192.0.2.254 dev eth0"],
    }),
  },
  units: { "lvs-addresses.service": present({ enabled: true, active: true, file: "enabled" }) },
};

/** What a step is about, in one word. */
function about({ argv, stdin }: Step): string {
  const text = argv.join(" ");
  if (text.includes("daemon-reload")) return "daemon-reload";
  if (text.includes("systemctl")) return "unit";
  if (text.includes(unitFile)) return "unit file";
  if (text.includes("/etc/sysctl.d/")) return "file";
  if (text.includes("192.0.2.1/32")) return "address";
  if (text.includes("/proc/sys/") || String(stdin ?? "").includes("/proc/sys/")) return "sysctl";
  if (text.includes("198.51.100.0/24")) return "route";
  if (text.includes("ip_vs")) return "module";
  if (text.includes("curl")) return "package";
  if (text === "sync -f /etc /var") return "on disk";
  return text;
}
const story = (steps: Step[]) => steps.map(about).filter((word, index, all) => word !== all[index - 1]);

describe("a host", () => {
  test("is set up from packages to units, with sysctls before addresses", () => {
    const steps = story(changeAll(nothing, want, {}));
    const order = ["package", "file", "unit file", "daemon-reload", "module", "sysctl", "address", "route", "unit"];
    assert.deepEqual(steps, [...order, "on disk"]);
  });
  test("is restored the other way round, with addresses before sysctls", () => {
    const steps = story(changeAll(everything, {}, nothing));
    const order = ["unit", "route", "address", "sysctl", "module", "unit file", "file", "daemon-reload", "package"];
    assert.deepEqual(steps, [...order, "on disk"]);
  });
  test("in step needs no step, to set up or to restore", () => {
    assert.deepEqual(changeAll(everything, want, {}), []);
    assert.deepEqual(changeAll(everything, {}, everything), []);
    assert.deepEqual(outOfStep(everything, want), []);
  });
  test("gives up what is no longer wanted before it takes on what is new", () => {
    const leave: Readings = { addresses: { "lo 192.0.2.1/32": absent } };
    const steps = story(changeAll(everything, { sysctls: { "net.ipv4.conf.all.arp_ignore": "2" } }, leave));
    assert.deepEqual(steps, ["address", "sysctl", "on disk"]);
  });
  test("out of step is told thing by thing", () => {
    const have: Readings = { ...everything, files: {}, sysctls: { "net.ipv4.conf.all.arp_ignore": present("0") } };
    assert.deepEqual(outOfStep(have, want), [
      'files["/etc/sysctl.d/90-pulumi-lvs.conf"]',
      `files["${unitFile}"]`,
      'sysctls["net.ipv4.conf.all.arp_ignore"]',
    ]);
  });
  test("of which something cannot be read is not touched, and all of it is named", () => {
    const have: Readings = {
      files: { "/etc/x": { state: "unreadable", reason: "a directory" } },
      addresses: { "ens9 192.0.2.1/32": { state: "unreadable", reason: "no interface ens9" }, "lo ::1/128": absent },
    };
    assert.throws(() => refuseUnreadable("rs1", have), {
      message:
        "rs1: nothing was changed.\n" +
        'files["/etc/x"]: cannot be read, got a directory.\n' +
        'addresses["ens9 192.0.2.1/32"]: cannot be read, got no interface ens9.',
    });
    assert.doesNotThrow(() => refuseUnreadable("rs1", everything));
  });
});

describe("systemd", () => {
  const files = (path: string): Wants => ({ files: { [path]: wanted } });
  const reloads = (steps: Step[]) => story(steps).filter((word) => word === "daemon-reload").length;

  for (const path of [
    "/etc/systemd/system/keepalived.service.d/pulumi-lvs.conf",
    "/usr/lib/systemd/system/x.service",
    "/run/systemd/system/x.service",
  ])
    test(`reads its files again when ${path} is written`, () => {
      assert.equal(reloads(changeAll({}, files(path), {})), 1);
    });
  for (const path of ["/etc/systemd/network/10-x.network", "/etc/systemd/system.conf", "/srv/etc/systemd/system/x"])
    test(`does not when ${path} is written`, () => {
      assert.equal(reloads(changeAll({}, files(path), {})), 0);
    });
  test("does not when another file changes beside a unit file in step", () => {
    const have: Readings = { files: { [unitFile]: present(wanted), "/etc/x": absent } };
    assert.equal(reloads(changeAll(have, { files: { [unitFile]: wanted, "/etc/x": wanted } }, {})), 0);
  });
  test("does not when another file is restored beside a unit file in step", () => {
    const have: Readings = { files: { [unitFile]: present(wanted), "/etc/x": present(wanted) } };
    const found: Readings = { files: { [unitFile]: present(wanted), "/etc/x": absent } };
    assert.equal(reloads(changeAll(have, {}, found)), 0);
  });
});

describe("a unit that reads a file at its start only", () => {
  const restarts = (have: Readings, of: Wants) =>
    changeAll(have, of, {}).filter(({ argv }) => argv[0] === "systemctl" && argv.includes("restart")).length;
  const wish = { enabled: true, active: true, restartOn: ["/etc/x"] };
  const unit = (active: boolean) => ({ "x.service": present({ enabled: true, active, file: "enabled" }) });
  const old = present({ ...wanted, content: "old\n" });

  test("is restarted once that file has changed, after everything else is set up", () => {
    const have: Readings = { files: { "/etc/x": old }, units: unit(true) };
    const of: Wants = { files: { "/etc/x": wanted }, units: { "x.service": wish } };
    assert.equal(restarts(have, of), 1);
    assert.ok(changeAll(have, of, {}).at(-2)!.argv.includes("restart"));
  });
  test("is restarted when a package of the same batch starts it before the file is there", () => {
    const of: Wants = { files: { "/etc/x": wanted }, units: { "x.service": wish } };
    assert.equal(restarts({ files: { "/etc/x": absent } }, of), 1);
  });
  test("is not restarted when it is started anyway, is to stop, or only other files change", () => {
    const of = (path: string, active = true): Wants => ({
      files: { [path]: wanted },
      units: { "x.service": { ...wish, active } },
    });
    assert.equal(restarts({ files: { "/etc/x": old }, units: unit(false) }, of("/etc/x")), 0);
    const brought = { files: { "/etc/x": wanted, "/etc/systemd/system/x.service": wanted } };
    assert.equal(restarts({ files: { "/etc/x": old } }, { ...of("/etc/x"), ...brought }), 0);
    assert.equal(restarts({ files: { "/etc/x": old }, units: unit(true) }, of("/etc/x", false)), 0);
    assert.equal(restarts({ files: { "/etc/y": old }, units: unit(true) }, of("/etc/y")), 0);
    assert.equal(restarts({ files: { "/etc/x": present(wanted) }, units: unit(true) }, of("/etc/x")), 0);
  });
});

describe("one reading of many things", () => {
  test("gives every answer to the section that asked", () => {
    const { steps, parse } = readAll({ sysctls: ["net.ipv4.ip_forward"], files: ["/b", "/a"], units: [] });
    assert.equal(steps.length, 2);
    const result = (stdout: string) => ({ argv: [], code: 0, stdout, stderr: "" });
    const base64 = Buffer.from("x\n").toString("base64");
    assert.deepEqual(parse([result(`absent\nfile 644 root 0 root 0 ${base64}\n`), result("value 0\n")]), {
      files: { "/a": absent, "/b": present(wanted) },
      sysctls: { "net.ipv4.ip_forward": present("0") },
    });
  });
  test("asks nothing for nothing", () => {
    assert.deepEqual(readAll({}).steps, []);
    assert.deepEqual(readAll({}).parse([]), {});
  });
  test("knows the keys of wants and of findings, each once and in order", () => {
    const keys = keysOf({ files: { "/b": wanted } }, { files: { "/a": absent, "/b": absent } });
    assert.deepEqual(keys.files, ["/a", "/b"]);
    assert.deepEqual(Object.keys(keys), sectionNames);
  });
  test("can be split by what is kept", () => {
    assert.deepEqual(
      only(nothing, (section, key) => section === "units" || key === "curl"),
      { packages: nothing.packages, units: nothing.units },
    );
  });
});

describe("what was read, as inputs", () => {
  const read = (have: Readings, of: Wants) => {
    const warnings: string[] = [];
    return { inputs: asInputs(have, of, (message) => warnings.push(message)), warnings };
  };
  test("equals what is wanted of a host in step", () => {
    assert.deepEqual(read(everything, want), { inputs: want, warnings: [] });
  });
  test("lacks what is gone and shows what is different", () => {
    const have: Readings = {
      sysctls: { "net.ipv4.ip_forward": present("1") },
      files: { "/a": absent, "/b": present({ ...wanted, content: "by hand\n" }) },
    };
    const of: Wants = { sysctls: { "net.ipv4.ip_forward": "0" }, files: { "/a": wanted, "/b": wanted } };
    assert.deepEqual(read(have, of).inputs, {
      files: { "/b": { ...wanted, content: "by hand\n" } },
      sysctls: { "net.ipv4.ip_forward": "1" },
    });
  });
  test("shows a stopped unit in the words of the program", () => {
    const have: Readings = { units: { "nginx.service": present({ enabled: true, active: false, file: "enabled" }) } };
    const restartOn = ["/etc/nginx/nginx.conf"];
    assert.deepEqual(read(have, { units: { "nginx.service": { enabled: true, active: true, restartOn } } }).inputs, {
      units: { "nginx.service": { enabled: true, active: false, restartOn } },
    });
  });
  test("shows of a route what the program says of it, and not what the kernel filled in", () => {
    const value = { via: "192.0.2.2", dev: "eth0", routes: ["default via 192.0.2.2 dev eth0"] };
    const of: Wants = { routes: { default: { via: "192.0.2.1" } } };
    assert.deepEqual(read({ routes: { default: present(value) } }, of).inputs, {
      routes: { default: { via: "192.0.2.2" } },
    });
  });
  test("has no section in which nothing is wanted", () => {
    assert.deepEqual(read(everything, { files: {}, units: {} }).inputs, {});
  });
  test("keeps what cannot be read, and warns of it", () => {
    const have: Readings = { files: { "/a": { state: "unreadable", reason: "a directory" } } };
    assert.deepEqual(read(have, { files: { "/a": wanted } }), {
      inputs: { files: { "/a": wanted } },
      warnings: ['files["/a"]: cannot be read, got a directory; kept as it was'],
    });
  });
});

describe("what is found later", () => {
  const gone = (...trace: string[]) => ({ state: "absent" as const, trace });

  test("never takes the place of what was found first", () => {
    const older: Readings = { sysctls: { "net.ipv4.ip_forward": present("0") } };
    const newer: Readings = {
      sysctls: { "net.ipv4.ip_forward": present("1"), "net.ipv4.tcp_syncookies": present("1") },
    };
    assert.deepEqual(mergeFound(older, newer), {
      sysctls: { "net.ipv4.ip_forward": present("0"), "net.ipv4.tcp_syncookies": present("1") },
    });
  });
  test("of modules goes with all that any of ours has brought along", () => {
    const older: Readings = { modules: { ipip: gone("tunnel4", "ip_tunnel") } };
    const newer: Readings = {
      modules: { ip_gre: gone("gre"), ip_tunnel: present("loaded"), dummy: present("loaded") },
    };
    assert.deepEqual(mergeFound(older, newer).modules, {
      ipip: gone("tunnel4", "ip_tunnel"),
      ip_gre: gone("gre", "tunnel4", "ip_tunnel"),
      ip_tunnel: gone("tunnel4", "ip_tunnel"),
      dummy: present("loaded"),
    });
  });
  test("of packages goes with all that any of ours has brought along", () => {
    const older: Readings = { packages: { keepalived: gone("libnl-3-200") } };
    const newer: Readings = { packages: { ipvsadm: absent, curl: present("installed") } };
    assert.deepEqual(mergeFound(older, newer).packages, {
      keepalived: gone("libnl-3-200"),
      ipvsadm: gone("libnl-3-200"),
      curl: present("installed"),
    });
  });
  test("of firewall rules knows what was loaded before the first of ours", () => {
    const [old, late] = ["iptables mangle OUTPUT -j ACCEPT", "iptables mangle OUTPUT -j DROP"];
    const newer: Readings = { rules: { [late]: gone("x_tables", "iptable_mangle") } };
    assert.deepEqual(mergeFound({ rules: { [old]: gone("x_tables") } }, newer).rules, {
      [old]: gone("x_tables"),
      [late]: gone("x_tables"),
    });
    assert.deepEqual(mergeFound({}, newer), newer);
  });
});

describe("a folder that came with the first of several files", () => {
  const first: Readings = { files: { "/opt/web/z": { state: "absent", trace: ["/opt/web"] } } };
  const second: Readings = { files: { "/opt/web/a": absent, "/opt/other": absent } };
  const both = mergeFound(first, second);
  const have: Readings = {
    files: { "/opt/web/z": present(wanted), "/opt/web/a": present(wanted), "/opt/other": present(wanted) },
  };
  const removals = (found: Readings) =>
    changeAll(have, {}, found).flatMap(({ argv }) => (argv[3] === "remove-file" ? [argv.slice(4)] : []));

  test("goes with the last one of them, whichever is removed first", () => {
    assert.deepEqual(removals(both), [["/opt/web/z", "/opt/web"], ["/opt/web/a", "/opt/web"], ["/opt/other"]]);
  });
  test("goes with a later one when the first was given up before", () => {
    const left = only(both, (_, key) => key === "/opt/web/a");
    assert.deepEqual(removals(left), [["/opt/web/a", "/opt/web"]]);
  });
  test("which is ours by its name goes with the last file of any resource", () => {
    const path = "/etc/pulumi-lvs/iptables-rules";
    const steps = changeAll({ files: { [path]: present(wanted) } }, {}, { files: { [path]: absent } });
    assert.deepEqual(steps[0]!.argv.slice(3), ["remove-file", path, "/etc/pulumi-lvs"]);
  });
});
