import assert from "node:assert/strict";
import test from "node:test";
import { life, type Scene } from "../lab/support/life.js";
import { waitUntil } from "../lab/support/command.js";
import { succeeded } from "../lab/support/stack.js";

const VIP = "192.168.184.100";
const RIP = "192.168.184.12";
const kinds = ["status", "digest", "https", "tcp", "icmp", "udp", "dns", "smtp", "script", "file"];

/** How each kind of check is made to fail for rs1, and mended. */
function faults(scene: Scene): Record<string, [broken: () => Promise<unknown>, mended: () => Promise<unknown>]> {
  const [rs1] = scene.realServers as [(typeof scene.realServers)[number]];
  const page = (folder: string): [() => Promise<unknown>, () => Promise<unknown>] => [
    () => rs1.succeed(`mv /srv/${folder}/index.html /srv/${folder}/away`),
    () => rs1.succeed(`mv /srv/${folder}/away /srv/${folder}/index.html`),
  ];
  const unit = (name: string): [() => Promise<unknown>, () => Promise<unknown>] => [
    () => rs1.succeed(`systemctl stop 'lab-answer@${name}.service'`),
    () => rs1.succeed(`systemctl start 'lab-answer@${name}.service'`),
  ];
  const both = (command: string) => () => Promise.all(scene.directors.map((director) => director.succeed(command)));
  return {
    status: page("status"),
    digest: [
      () => rs1.succeed("echo changed >/srv/digest/index.html"),
      () => rs1.succeed("echo up >/srv/digest/index.html"),
    ],
    https: page("secure"),
    tcp: unit("tcp-0.0.0.0-8004"),
    icmp: [
      () => rs1.succeed("sysctl -w net.ipv4.icmp_echo_ignore_all=1"),
      () => rs1.succeed("sysctl -w net.ipv4.icmp_echo_ignore_all=0"),
    ],
    udp: unit(`udp-${RIP}-8006`),
    dns: unit(`dns-${RIP}-8007`),
    smtp: unit("smtp-0.0.0.0-8008"),
    script: [both("echo rs1 >/run/broken"), both("rm /run/broken")],
    file: [both("echo 1 >/run/lvs-rs1"), both("echo 0 >/run/lvs-rs1")],
  };
}

/** Kinds of check whose service has rs1, as one director's kernel has it. */
async function having(scene: Scene, director: number): Promise<string[]> {
  const rules = (await scene.directors[director]!.succeed("ipvsadm -Sn")).split("\n");
  return kinds.filter((_, index) =>
    rules.some((rule) => rule.startsWith("-a") && rule.includes(`${VIP}:${8001 + index} -r ${RIP}:`)),
  );
}

async function everywhere(scene: Scene, what: string, wanted: string[], seconds: number): Promise<void> {
  for (const director of [0, 1]) {
    let now: string[] = [];
    await waitUntil(
      `${what} on ${scene.directors[director]!.name}`,
      async () => (now = await having(scene, director)).join() === wanted.join(),
      seconds,
    ).catch((cause: unknown) => {
      throw new Error(`${(cause as Error).message}: rs1 is in ${now.join(", ")}, not in ${wanted.join(", ")}`);
    });
  }
}

life({
  name: "checks",
  vip: VIP,
  http: false,
  proof: (scene) => everywhere(scene, "rs1 is in every pool", kinds, 30),
  more(scene) {
    test("checks: each kind takes a broken real server out and no other, and puts it back", async () => {
      for (const [kind, [broken, mended]] of Object.entries(faults(scene))) {
        await broken();
        // Round 2 s, two attempts of 2 s with 1 s between them, and the slow kernels.
        const others = kinds.filter((other) => other !== kind);
        await everywhere(scene, `${kind}: rs1 is out`, others, 20);
        await mended();
        await everywhere(scene, `${kind}: rs1 is back`, kinds, 20);
      }
      assert.equal(Object.keys(faults(scene)).length, kinds.length);
    });

    test("checks: up waits for the first answer of a new check, and says which one fails", async () => {
      const file = scene.stack.file(({ config }) => {
        const service = config["lvs:cluster"].services.find(({ port }: { port: number }) => port === 8001);
        // keepalived takes a real server for healthy until its first check, at a random moment within the warm-up.
        service.check = { ...service.check, path: "/nothing-there", retry: 0, warmup: 8 };
      });
      const done = await scene.stack.up(file);
      assert.notEqual(done.code, 0, done.stdout);
      assert.match(done.stdout + done.stderr, /8001 -> \S+: the health check of director-[ab] fails/);
      succeeded(await scene.stack.up(scene.whole));
    });

    test("checks: a check by ping that was given up leaves no right to ping behind", async () => {
      const file = scene.stack.file(({ config }) => {
        const services = config["lvs:cluster"].services as { check: { type: string } }[];
        config["lvs:cluster"].services = services.filter(({ check }) => check.type !== "icmp");
      });
      const groups = () => scene.director.succeed("cat /proc/sys/net/ipv4/ping_group_range");
      // 1 to 0: nobody, as the kernel has it at boot.
      assert.equal((await groups()).trim(), "0\t0");
      succeeded(await scene.stack.up(file));
      succeeded(await scene.stack.up(scene.labOnly));
      assert.equal((await groups()).trim(), "1\t0");
      succeeded(await scene.stack.up(scene.whole));
    });
  },
});
