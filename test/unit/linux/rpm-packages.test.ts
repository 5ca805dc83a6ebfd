import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Host } from "../../../infra/host/types.js";
import type { Reading } from "../../../infra/linux/noun.js";
import { packages } from "../../../infra/linux/package.js";
import { until } from "../host/until.js";
import { run } from "./namespace.js";
import { type Distribution, goOn, rpmHost, skip, slowRuns } from "./rpm-host.js";

type Readings = Record<string, Reading<"installed">>;

/** What a person types to install something, with what comes of it by itself. */
interface Manager extends Distribution {
  install: string;
  remove: string;
  /** Says that what has come along is wanted for itself. */
  keep: string;
  /** What the kernel shows of a run that holds the lock. */
  called: string;
}

const rhel = 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"';
const managers: Record<string, Manager> = {
  "dnf of RHEL 9": {
    release: rhel,
    tools: "",
    install: "dnf -y install",
    remove: "dnf -y remove",
    keep: "dnf mark install",
    called: "dnf",
  },
  // The yum of RHEL 7 is in no repository of Debian: dnf has to play it, with what is different there, which is that nothing
  // is recommended, and files that tell the reason of an installation.
  "yum, which dnf plays": {
    release: rhel,
    tools: "mv /usr/bin/dnf /usr/bin/yum; echo install_weak_deps=False >>/etc/dnf/dnf.conf",
    install: "yum -y install",
    remove: "yum -y remove",
    keep: "f() { mkdir -p $yumdb && echo user >$yumdb/reason; }; yumdb=/var/lib/yum/yumdb/l/1f-libnl3-1-1-noarch f",
    called: "yum",
  },
  "zypper of SUSE": {
    release: 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"',
    tools: "",
    install: "zypper -n install",
    remove: "zypper -n remove",
    keep: "zypper -n install --force",
    called: "zypper",
  },
};
/** Seconds that a package manager may need to begin on a busy machine. */
const PATIENCE = 120;
const long = "a-package-with-a-name-that-is-longer-than-a-column-of-any-table";
const bare = "less";

for (const [title, { release, tools, install, remove, keep, called }] of Object.entries(managers)) {
  describe(`packages by ${title}`, { skip }, () => {
    let it: Awaited<ReturnType<typeof rpmHost>>;
    let host: Host;
    before(async () => {
      it = await rpmHost({ release, tools });
      host = it.host;
    });
    after(() => it.end());
    const sh = (text: string) => run(host, ["sh", "-c", text], { timeoutSeconds: 300 });
    const there = async () => (await sh("rpm -qa --qf '%{NAME}\\n' | sort")).trim().split("\n").join(" ");
    beforeEach(async () => {
      const rest = (await there()).split(" ").filter((name) => name !== bare && name !== "");
      if (rest.length > 0) await sh(`rpm -e --noscripts ${rest.join(" ")}`);
      await sh("rm -rf /etc/keepalived /var/lib/yum/yumdb; rpm -q less >/dev/null || rpm -i /repo/less-*.rpm");
      assert.equal(await there(), bare);
    });

    const read = async (...keys: string[]): Promise<Readings> => {
      const query = packages.read(keys.sort());
      return query.parse(await host.run(query.steps));
    };
    const set = async (...keys: string[]): Promise<Readings> => {
      const found = await read(...keys);
      await host.run(packages.changeAll!(found, Object.fromEntries(keys.map((key) => [key, "installed" as const]))));
      return found;
    };
    const giveBack = async (found: Readings) =>
      host.run(packages.restoreAll!(await read(...Object.keys(found)), found));

    test("what is there is told from what is absent, and what would come along from what is only recommended", async () => {
      assert.deepEqual(await read("keepalived", "less"), {
        keepalived: { state: "absent", trace: ["libnl3"] },
        less: { state: "present", value: "installed" },
      });
      assert.equal(await there(), bare, "reading installs nothing");
    });

    test("a name that no repository has is absent, and installing it says what to do", async () => {
      const found = await read("no-such-package");
      assert.deepEqual(found, { "no-such-package": { state: "absent" } });
      await assert.rejects(host.run(packages.changeAll!(found, { "no-such-package": "installed" })), /no-such-package/);
    });

    test("what is missing is installed in one go, and goes again with what came along", async () => {
      const found = await set("ipvsadm", "keepalived");
      assert.equal(await there(), "ipvsadm keepalived less libnl3");
      assert.equal((await read("ipvsadm", "keepalived"))["keepalived"]?.state, "present");
      await giveBack(found);
      assert.equal(await there(), bare);
      assert.equal(await sh("ls -A /etc/keepalived 2>/dev/null || :"), "");
    });

    test("names of plans, which are Debian's, are told in the words of the family", async () => {
      const found = await set("conntrack", "iptables");
      assert.equal(await there(), "conntrack-tools iptables-nft less libnetfilter_conntrack");
      const again = await read("conntrack", "iptables");
      assert.deepEqual([again["conntrack"]?.state, again["iptables"]?.state], ["present", "present"]);
      await giveBack(found);
      assert.equal(await there(), bare);
    });

    test("a name that is longer than a column of the table is no other name", async () => {
      assert.deepEqual((await read(long))[long], { state: "absent", trace: ["libnl3"] });
      assert.deepEqual((await read("manager"))["manager"], { state: "absent", trace: ["keepalived", "libnl3"] });
    });

    test("what came along stays when something else needs it by now", async () => {
      const found = await set("keepalived");
      await sh(`${install} monitoring`);
      await giveBack(found);
      assert.equal(await there(), "less libnl3 monitoring");
    });

    test("what came along stays when somebody has asked for it by name since", async () => {
      const found = await set("keepalived");
      await sh(`${keep} libnl3`);
      await giveBack(found);
      assert.equal(await there(), "less libnl3");
    });

    test("a package of ours stays, with what it needs, when something else needs it by now", async () => {
      const found = await set("ipvsadm", "keepalived");
      await sh(`${install} manager`);
      await giveBack(found);
      assert.equal(await there(), "keepalived less libnl3 manager");
    });

    test("what was there before us stays, also when it is a dependency of ours", async () => {
      await sh(`${install} libnl3`);
      const found = await set("keepalived");
      assert.deepEqual(found["keepalived"], { state: "absent" });
      await giveBack(found);
      assert.equal(await there(), "less libnl3");
    });

    test("what was there and was removed since is installed again", async () => {
      const found = await set("ipvsadm", "less");
      await sh(`${remove} less`);
      await giveBack(found);
      assert.equal(await there(), bare);
    });

    test("a configuration file that was there before the package is there after it, and nothing beside it", async () => {
      await sh("mkdir /etc/keepalived; echo mine >/etc/keepalived/keepalived.conf");
      const found = await set("keepalived");
      // As the section for files does it: ours while we serve, then what was found.
      await sh("echo ours >/etc/keepalived/keepalived.conf; echo mine >/etc/keepalived/keepalived.conf");
      await giveBack(found);
      assert.equal(await there(), bare);
      assert.equal(await sh("cd /etc/keepalived && grep -r ."), "keepalived.conf:mine\n");
    });

    test("a database that cannot be read is not one without packages", async () => {
      await sh("mv /var/lib/rpm /var/lib/rpm.away; echo >/var/lib/rpm");
      try {
        const { less } = await read("less");
        assert.equal(less?.state, "unreadable");
        assert.match(less?.state === "unreadable" ? less.reason : "", /rpm/);
      } finally {
        await sh("rm /var/lib/rpm; mv /var/lib/rpm.away /var/lib/rpm");
      }
    });

    test("a lock of another run is waited for, with its process and seconds shown, and then all goes on", async () => {
      const found = await read("ipvsadm");
      const other = it.start(`${install} slow`);
      const ended = once(other, "exit");
      try {
        await until("the other run is in the middle", async () => (await sh(`ls ${slowRuns} 2>/dev/null || :`)) !== "");
        const told: string[] = [];
        const ours = host.run(packages.changeAll!(found, { ipvsadm: "installed" }), {
          onStep: (words) => told.push(words),
        });
        await until("it is told", () => told.length > 2, PATIENCE);
        assert.equal(told[0], "installing ipvsadm");
        assert.match(
          told[1]!,
          new RegExp(`^installing ipvsadm: waiting for another ${called} \\(process \\d+.*\\), 0 s$`),
        );
        await sh(`touch ${goOn}`);
        await ours;
        assert.equal(await there(), "ipvsadm less slow");
      } finally {
        await sh(`touch ${goOn}`);
        await ended;
        await sh(`rm -f ${goOn} ${slowRuns}`);
      }
    });
  });
}
