import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket, type AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Connection } from "../../../infra/host/types.js";
import { Eyes } from "../../../infra/status/look.js";
import type { Live } from "../../../infra/provider/live.js";
import type { KnownCluster } from "../../../infra/status/state.js";
import { noSshd } from "../host/expect.js";
import { freePort, kill, startSshd, type Sshd } from "../host/sshd.js";
import { pair } from "./pair.js";

const there: Live = {
  addresses: ["lo 127.0.0.1/8"],
  routes: {},
  sysctls: { "kernel.ostype": "Linux" },
};

// A name of our own: no rule of this computer.
const CLAMP = "iptables mangle OUTPUT -s 192.0.2.254/32 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1440";

describe("a look at a host over SSH", { skip: noSshd }, () => {
  let sshd: Sshd;
  const eyes = new Eyes(() => undefined);
  before(async () => (sshd = await startSshd()));
  after(async () => {
    await eyes.close();
    await sshd.stop();
  });

  const look = (connection: Connection, live: Live = there) => {
    const cluster: KnownCluster = { ...pair, live: { rs1: live } };
    return eyes.look(cluster, { name: "rs1", role: "real server", connection });
  };

  test("finds nothing where all is as set up", async () => {
    const { error, drift } = await look(sshd.connection);
    assert.deepEqual([error, drift], [undefined, []]);
  });

  test("names each address, route, sysctl, firewall rule and device that is not as set up", async () => {
    const { drift } = await look(sshd.connection, {
      addresses: ["lo 127.0.0.1/8", "lo 192.0.2.1/32"],
      routes: { "203.0.113.0/24": { via: "192.0.2.9" } },
      sysctls: { "kernel.ostype": "Minix", "net.ipv4.none_such": "1" },
      rules: { [CLAMP]: "present" },
      links: { lo: { up: true }, "none-such0": { up: true } },
    });
    assert.deepEqual(drift, [
      "the device none-such0 is not up",
      "kernel.ostype is Linux, not Minix",
      "net.ipv4.none_such is not there, not 1",
      `the firewall rule "${CLAMP}" is missing`,
      "the address lo 192.0.2.1/32 is missing",
      "the route to 203.0.113.0/24 is not via 192.0.2.9",
    ]);
  });

  test("asks a director for what its forwarding method needs, beside its table", async () => {
    const live: Live = { addresses: [], sysctls: { "net.ipv4.ip_forward": "2" } };
    const { drift, director, error } = await eyes.look(
      { ...pair, live: { "director-a": live } },
      { name: "director-a", role: "director", connection: sshd.connection },
    );
    assert.equal(error, undefined);
    assert.match(drift.join(), /^net\.ipv4\.ip_forward is [01], not 2$/);
    assert.ok(director!.held.some(({ address }) => address === "127.0.0.1/8"));
  });

  test("says why a host could not be read: the key, a closed port", async () => {
    const other = await look({
      ...sshd.connection,
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAA",
    });
    assert.match(other.error!, /^rs1 \(127\.0\.0\.1:\d+\): /);
    const closed = await look({ ...sshd.connection, port: await freePort() });
    assert.match(closed.error!, /^rs1 \(127\.0\.0\.1:\d+\): no TCP connection/);
  });

  test("ends after some seconds where nobody answers, before and after the login", async () => {
    const open: Socket[] = [];
    const silent = createServer((socket) => open.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const begin = Date.now();
    const first = await look({ ...sshd.connection, port: (silent.address() as AddressInfo).port });
    assert.match(first.error!, /^rs1 /);
    for (const socket of open) socket.destroy();
    silent.close();

    assert.equal((await look(sshd.connection)).error, undefined);
    const all = [sshd.pid, ...sshd.sessions()];
    for (const pid of all) kill(pid, "SIGSTOP");
    try {
      assert.match(
        (await look(sshd.connection)).error!,
        /connection lost|no SSH banner within 5 s|no answer within 20 s/,
      );
    } finally {
      for (const pid of all) kill(pid, "SIGCONT");
    }
    assert.ok(Date.now() - begin < 20_000, `${Date.now() - begin} ms`);
    assert.equal((await look(sshd.connection)).error, undefined, "and the next one is answered");
  });
});
