import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { Query } from "../../../infra/linux/noun.js";
import { connects, established, haproxyStats, nginxPools } from "../../../infra/linux/proxy-pools.js";
import type { Engine } from "../../../infra/linux/proxy.js";
import { scriptText } from "../../../infra/linux/script.js";
import { freePort } from "../host/sshd.js";
import { printed } from "./case-files.js";

const cases = join(__dirname, "../../cases");
const parsed = <T>({ steps, parse }: Query<T>, text: string): T => parse(printed(steps, [text]));

describe("what haproxy says of its servers", () => {
  /** `show stat` of a haproxy 2.6 whose servers are each in another state. */
  const { pools, frontends } = parsed(haproxyStats(), readFileSync(join(cases, "proxy/show-stat.csv"), "utf8"))!;

  test("is each with its endpoint, weight, state and check", () => {
    assert.deepEqual(
      Object.entries(pools["lvs_1"]!).map(([name, { endpoint, weight, backup, status, check }]) =>
        [name, endpoint, weight, status, check, ...(backup ? ["backup"] : [])].join(" "),
      ),
      [
        "rs1 127.0.0.1:18081 1 DRAIN L4OK",
        "rs2 127.0.0.1:18082 0 UP L4OK",
        "rs3 127.0.0.1:18083 3 DOWN L4CON",
        "rs4 127.0.0.1:18081 1 MAINT ",
        "rs5 127.0.0.1:18081 0 no check ",
        "rs6 [::1]:18081 1 UP 1/3 INI",
        "sorry-server 127.0.0.1:18084 1 no check  backup",
      ],
    );
  });
  test("has what it was given, and what clients gave", () => {
    const { active, given, rate } = pools["lvs_1"]!["rs4"]!;
    assert.deepEqual({ active, given, rate }, { active: 0, given: 2, rate: 0 });
    assert.deepEqual(frontends, { lvs_1_in: { active: 0, given: 5, rate: 0 } });
  });
  test("is read past a comma in the words of a check", () => {
    const csv = '# pxname,svname,status,last_chk,addr,\np,rs1,DOWN,"got ""a"", not b",192.0.2.1:80,\n';
    assert.equal(parsed(haproxyStats(), csv)!.pools["p"]!["rs1"]!.endpoint, "192.0.2.1:80");
  });
  test("is not known where nobody can be asked, which is not the same as none", () => {
    const { parse } = haproxyStats();
    assert.equal(parse([{ argv: [], code: 69, stdout: "", stderr: "" }]), undefined);
    assert.deepEqual(parsed(haproxyStats(), "# pxname,svname,stot,status,\n"), { pools: {}, frontends: {} });
  });
});

describe("the pools of nginx's configuration", () => {
  const of = (name: string) =>
    parsed(nginxPools(), readFileSync(join(cases, `plan/${name}/director-a/etc/nginx/nginx.conf`), "utf8"));

  test("are those that the plan wrote", () => {
    assert.deepEqual(of("nginx-a-pair"), {
      lvs_192_168_184_100_80: {
        rs1: { endpoint: "192.168.184.12:80", weight: 1, backup: false },
        rs2: { endpoint: "192.168.184.13:80", weight: 1, backup: false },
      },
    });
  });
  test("have weights and sorry servers, and a server of somebody else by its address", () => {
    const conf = [
      "upstream a {",
      "    zone a 128k;",
      "    server 192.0.2.1:80 weight=3 max_fails=2 fail_timeout=2s; # rs1",
      "    server [2001:db8::1]:80 down max_fails=0; # rs2",
      "    server 192.0.2.9:80 backup; # sorry server",
      "    server 192.0.2.66:80;",
      "}",
      "server {",
      "    listen 80;",
      "}",
      "",
    ].join("\n");
    assert.deepEqual(parsed(nginxPools(), conf), {
      a: {
        rs1: { endpoint: "192.0.2.1:80", weight: 3, backup: false },
        rs2: { endpoint: "[2001:db8::1]:80", weight: 0, backup: false },
        "sorry server": { endpoint: "192.0.2.9:80", weight: 1, backup: true },
        "192.0.2.66:80": { endpoint: "192.0.2.66:80", weight: 1, backup: false },
      },
    });
  });
  test("are not known without the file", () => {
    const { parse } = nginxPools();
    assert.equal(parse([{ argv: [], code: 1, stdout: "", stderr: "" }]), undefined);
  });
});

/** Runs a query's steps on this computer. */
function here<T>({ steps, parse }: Query<T>): T {
  return parse(
    steps.map(({ argv: [command = "", ...args] }) => {
      const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      return { argv: [], code: 0, stdout, stderr };
    }),
  );
}

/** What the kernel calls this program. */
const own = readFileSync("/proc/self/comm", "utf8").trim();

describe("connections of this computer", () => {
  let server: Server;
  let endpoint = "";
  before(async () => {
    server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(server, "listening");
    endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  test("can be made where somebody listens, and not elsewhere; all are tried at once", async () => {
    const closed = `127.0.0.1:${await freePort()}`;
    // The server is in this process, which waits for the script: the kernel takes connections in its stead.
    assert.deepEqual(here(connects([closed, endpoint, "[::1]:1"])), {
      [closed]: false,
      [endpoint]: true,
      "[::1]:1": false,
    });
    assert.deepEqual(here(connects([])), {});
  });

  test("that are established are counted by who has them, whom they are to, and where they were taken", async () => {
    const port = endpoint.split(":")[1]!;
    const sockets = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connect(Number(port), "127.0.0.1");
        await once(socket, "connect");
        return socket;
      }),
    );
    // One that nobody has taken yet is nobody's.
    const taken = promisify(server.getConnections.bind(server));
    while ((await taken()) !== 3) await setTimeout(10);
    const places = [endpoint, `0.0.0.0:${port}`, `[::]:${port}`, "192.0.2.1:80"];
    const counts = here(established(own as Engine, [endpoint, "192.0.2.1:80"], places));
    for (const socket of sockets) socket.destroy();
    assert.deepEqual(counts.to, { [endpoint]: 3, "192.0.2.1:80": 0 });
    assert.deepEqual([counts.at[`0.0.0.0:${port}`], counts.at[`[::]:${port}`], counts.at["192.0.2.1:80"]], [3, 0, 0]);
    assert.equal(counts.at[endpoint], 3);
    assert.deepEqual(here(established("nginx", [endpoint], [])).to, { [endpoint]: 0 }, "nobody else's");
  });
});

test("the scripts are POSIX sh", () => {
  for (const name of ["try-connections", "count-connections"])
    assert.equal(spawnSync("dash", ["-n"], { input: scriptText(name) }).status, 0, name);
});
