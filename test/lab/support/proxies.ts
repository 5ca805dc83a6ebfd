import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "./command.js";
import type { Scene } from "./life.js";
import { certificate } from "../../unit/plan/proxy-variants.js";
import { succeeded, type StackFile } from "./stack.js";
import { Load } from "./traffic.js";

const CLIENT = "192.168.184.50";
const RATE = 200;
/** Former versions of the lists of users, which the tools of Debian's packages keep beside them: haproxy has a user of its own. */
export const userBackups = /\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-/;
/** Two looks of keepalived at the proxy, each with its limit where it hangs; the backup's skew, and a second for the address. */
const BOUNDS = { KILL: 2 + (256 - 50) / 256 + 1, STOP: 4 + (256 - 50) / 256 + 1 };

/** Requests cross the proxy by its rules, and the real servers know whom they come from. */
export async function proveProxies(scene: Scene): Promise<void> {
  const { vip, client } = scene;
  assert.deepEqual(await scene.tally(8), { rs1: 4, rs2: 4 });
  const both = [`rs1 ${CLIENT}`, `rs2 ${CLIENT}`];
  for (const url of [`http://${vip}:8080/`, `http://${vip}:8081/`])
    assert.deepEqual(Object.keys(await scene.tally(4, url)).sort(), both, url);
  const spoofed = `curl -sS -H 'X-Forwarded-For: 192.0.2.66' http://${vip}:8080/`;
  assert.match(await client.succeed(spoofed), new RegExp(`^rs[12] ${CLIENT}\n$`));
  // The certificate is the one that was given, and nobody else's.
  const secure = `curl -sS --max-time 5 -i --cacert /run/cert.pem --connect-to www.example.com:443:${vip}:443 https://www.example.com/`;
  await client.run("cat >/run/cert.pem", scene.certificate());
  const page = await client.succeed(secure);
  assert.match(page, new RegExp(`rs[12] ${CLIENT}\n$`));
  assert.match(page, /^strict-transport-security: max-age=300\r$/im);
  assert.deepEqual(await scene.tally(4, `http://${vip}/rs2/x`), { [`rs2 ${CLIENT}`]: 4 });
  const moved = await client.succeed(
    `curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' http://${vip}/secure/a?b=c`,
  );
  assert.equal(moved, `302 https://${vip}/secure/a?b=c`);
  for (const server of scene.realServers) assert.ok(!(await server.succeed("ip -o address")).includes(vip));
}

/** What a pair of proxies must stand. */
export function proxyFaults(scene: Scene, engine: "nginx" | "haproxy", conf: string): void {
  const { vip } = scene;
  const [directorA, directorB] = scene.directors as [Scene["client"], Scene["client"]];
  const holds = (director: Scene["client"]) => director.holds(`${vip}/24`, "ens32");

  for (const [what, signal] of [
    ["killed", "KILL"],
    ["hung", "STOP"],
  ] as const)
    test(`${engine} ${what} on the master: the VIP moves within its bound, and comes back with it`, async (t) => {
      const load = await Load.start(scene.client, vip, { rate: 20 });
      const begin = Date.now();
      await directorA.succeed(`systemctl kill --signal=${signal} ${engine}`);
      await waitUntil("the other director holds the VIP", () => holds(directorB), 20);
      const moved = (Date.now() - begin) / 1000;
      await load.answered(40, 20);
      const { longestGap, requests, failed } = await load.stop();
      if (signal === "STOP") await directorA.succeed(`systemctl kill --signal=CONT ${engine}`);
      t.diagnostic(
        `figure: ${engine} ${what}: VIP at the other director after ${moved.toFixed(2)} s, longest gap ` +
          `${longestGap.toFixed(2)} s (bound ${BOUNDS[signal].toFixed(2)} s), ${failed} of ${requests} requests failed`,
      );
      assert.ok(longestGap <= BOUNDS[signal], `gap ${longestGap} s`);
      await waitUntil(
        "the master holds the VIP again",
        async () => (await holds(directorA)) && !(await holds(directorB)),
        30,
      );
      await scene.serves();
    });

  test("a broken real server leaves and returns, and no request fails", async (t) => {
    const [, rs2] = scene.realServers as [Scene["client"], Scene["client"]];
    const load = await Load.start(scene.client, vip, { rate: 50, limit: 5 });
    await rs2.succeed("systemctl stop nginx");
    await load.answered(300, 60);
    const since = load.requests.length;
    await load.answered(100, 30);
    const without = load.requests.slice(since).map(({ body }) => body);
    await rs2.succeed("systemctl start nginx");
    await waitUntil("rs2 answers again", async () => load.requests.slice(-20).some(({ body }) => body === "rs2"), 30);
    const { requests, failed, reasons } = await load.stop();
    t.diagnostic(`figure: ${engine}, a real server stopped and started: ${failed} of ${requests} requests failed`);
    assert.deepEqual([...new Set(without)], ["rs1"]);
    assert.equal(failed, 0, JSON.stringify(reasons));
    await scene.serves();
  });

  test(`a change is a reload: at ${RATE} requests/s none fails`, async (t) => {
    const workers = () => directorA.succeed(`systemctl show --property=MainPID --value ${engine}`);
    const before = await workers();
    const edited = scene.stack.file(({ config }) => (config["lvs:cluster"].drainTimeout = 300));
    // Each request is worked on by two guests more than under LVS, beside an `up` on the same cores: it may be slow.
    const load = await Load.start(scene.client, vip, { rate: RATE, limit: 3 });
    const done = succeeded(await scene.stack.up(edited));
    await load.answered(2 * RATE, 60);
    const { requests, failed, reasons, longestGap, perSecond } = await load.stop();
    t.diagnostic(
      `figure: ${engine} reloaded on both directors: ${failed} of ${requests} requests failed, longest gap ` +
        `${longestGap.toFixed(2)} s, up took ${done.seconds.toFixed(0)} s`,
    );
    const told = `journalctl -u keepalived -u ${engine} --no-pager -o short-precise -n 30`;
    const why = failed === 0 ? "" : (await Promise.all(scene.directors.map((each) => each.succeed(told)))).join("\n");
    assert.equal(failed, 0, `${JSON.stringify(reasons)}\n${why}`);
    assert.ok(perSecond > RATE * 0.95, `${perSecond} requests/s`);
    assert.match(await directorA.succeed(`cat ${conf}`), / 300s/);
    assert.equal(await workers(), before, "it was not started anew");
  });

  test("a configuration that the proxy itself refuses replaces nothing", async () => {
    const former = await directorB.succeed(`cat ${conf}`);
    // A pair that belongs together, with a key that is too short for OpenSSL on the director.
    const weak = ({ config }: StackFile) => {
      for (const service of config["lvs:cluster"].services) if (service.tls) service.tls = certificate(1024);
    };
    const done = await scene.stack.up(scene.stack.file(weak));
    assert.notEqual(done.code, 0);
    assert.match(done.stdout + done.stderr, new RegExp(`${engine} itself must accept it, got`));
    assert.match(done.stdout + done.stderr, /Nothing was replaced/);
    assert.equal(await directorB.succeed(`cat ${conf}`), former);
    assert.equal(await directorB.succeed("find /etc -name '*.candidate*'"), "");
    assert.ok(!(done.stdout + done.stderr).includes("BEGIN PRIVATE"));
    await scene.serves();
  });

  test("a configuration that the proxy cannot serve is taken back, and it goes on with the former one", async () => {
    const former = await directorB.succeed(`cat ${conf}`);
    // Judged as good, since nobody looks there before who listens on a port already: sshd.
    const done = await scene.stack.up(scene.stack.file(({ config }) => (config["lvs:cluster"].healthPort = 22)));
    assert.notEqual(done.code, 0);
    assert.match(done.stdout + done.stderr, /must serve the new configuration after 30 s/);
    assert.equal(await directorB.succeed(`cat ${conf}`), former);
    succeeded(await scene.stack.up(scene.whole));
    await scene.serves();
  });

  test("what somebody changes by hand is named by refresh, line by line, and the next up repairs it", async () => {
    await directorA.succeed(`sed -i 's/ 600s/ 5s/' ${conf}; systemctl stop ${engine}`);
    const found = succeeded(await scene.stack.refresh(scene.whole));
    const said = found.stdout + found.stderr;
    assert.match(said, new RegExp(`director-a: files\\["${conf}"\\]\\.content is not as it was set up`));
    assert.match(said, /director-a: running is not as it was set up/);
    const foretold = await scene.stack.preview(scene.whole);
    assert.match(foretold.stdout, / 600s/);
    succeeded(await scene.stack.up(scene.whole));
    await scene.serves();
  });
}
