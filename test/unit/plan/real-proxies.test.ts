import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { keySecret } from "../../../infra/plan/index.js";
import { proxySight, type ProxySight } from "../../../infra/provider/proxy/sight.js";
import { planProxy } from "../../../infra/render/index.js";
import type { Proxy } from "../../../infra/spec/index.js";
import { LOAD } from "../../lab/support/traffic.js";
import { noSandbox, Sandbox, until } from "../render/sandbox.js";
import { changed } from "../spec/case-1.js";
import { certificate, checkedProxy, proxyPair, proxyVariants } from "./proxy-variants.js";

const judges = {
  nginx: {
    conf: "/etc/nginx/nginx.conf",
    command: "nginx -t -q",
    broken: "worker_processses 1;\n",
    said: /unknown directive/,
    good: "",
  },
  haproxy: {
    conf: "/etc/haproxy/haproxy.cfg",
    command: "haproxy -c -f /etc/haproxy/haproxy.cfg",
    broken: "globall\n",
    said: /unknown keyword/,
    good: "Configuration file is valid\n",
  },
} as const;

/** The files of a director with its secrets filled in, in a sandbox. */
function writeProxy(box: Sandbox, proxy: Proxy): void {
  const { files } = planProxy(proxy).proxies!["director-a"]!;
  const keys = Object.fromEntries(proxy.services.map((service) => [keySecret(service), service.tls?.privateKey ?? ""]));
  for (const [path, { content, mode }] of Object.entries(files))
    box.write(
      path,
      content.replace(/\$\{secret:(\w+)\}/g, (_, name: string) => keys[name]!),
      mode,
    );
}

for (const [engine, { conf, command, broken, said, good }] of Object.entries(judges)) {
  const missing = noSandbox ?? (existsSync(`/usr/sbin/${engine}`) ? undefined : `${engine} is not installed`);
  describe(`${command} finds nothing wrong with`, { skip: missing ?? false }, () => {
    let box: Sandbox;
    before(async () => {
      box = await Sandbox.open(["ens32"]);
      box.run("sysctl -q -w net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1; mkdir -p /run/haproxy");
    });
    after(() => box.close());

    for (const [title, proxy] of proxyVariants(engine as Proxy["engine"]))
      test(`"${title}"`, () => {
        writeProxy(box, proxy);
        assert.equal(box.run(`${command} 2>&1`), good);
      });

    test("but does about a certificate whose key is too short for OpenSSL, which the spec cannot know", () => {
      writeProxy(
        box,
        checkedProxy({ ...changed(proxyPair(), { set: { "/services/0/tls": certificate(1024) } }), engine }),
      );
      assert.match(box.run(`${command} 2>&1 || true`), /key too small|unable to load SSL certificate/);
    });

    test("but does about a word that it does not know, so that its word means something", () => {
      box.write(conf, broken);
      assert.match(box.run(`${command} 2>&1 || true`), said);
    });
  });
}

/** Two web servers that tell who they are and whom they take the client for: on 80 by header, on 8081 by the PROXY protocol. */
const web = `pid /run/web.pid; error_log /run/web.log; events {}
http {
  access_log off;
${["rs1 192.168.184.12", "rs2 192.168.184.13"]
  .map((each) => each.split(" "))
  .map(
    ([name, address]) => `
  server { listen ${address}:80; location /gone { return ${name === "rs1" ? "200 again" : 444}; } location / { return 200 "${name} $http_x_forwarded_for $http_x_a $request_uri"; } }
  server { listen ${address}:8083; location / { return 200 "$http_host $http_x_forwarded_for $http_x_forwarded_proto"; } }
  server { listen ${address}:8081 proxy_protocol; location / { return 200 "${name} $proxy_protocol_addr"; } }`,
  )
  .join("")}
}
`;

const starts = { nginx: "nginx", haproxy: "haproxy -W -D -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg" } as const;

const reloads = {
  nginx: "kill -HUP $(cat /run/nginx.pid)",
  haproxy: "kill -USR2 $(cat /run/haproxy.pid)",
} as const;

for (const engine of ["nginx", "haproxy"] as const) {
  const missing =
    noSandbox ??
    ["nginx", "haproxy", "curl"]
      .map((name) =>
        existsSync(`/usr/sbin/${name}`) || existsSync(`/usr/bin/${name}`) ? undefined : `${name} is not installed`,
      )
      .find((each) => each);
  describe(`what ${engine} does with real traffic:`, { skip: missing ?? false }, () => {
    const vip = "192.168.184.100";
    let box: Sandbox;
    let proxy: Proxy;
    const get = (path: string, ...words: string[]) =>
      box.run(`curl -sS --max-time 5 --interface 192.168.184.50 ${words.join(" ")} '${path}'`);
    /** What is answered to bytes that somebody sends from an address. */
    const raw = (from: string, port: number, bytes: string) =>
      box.run(
        `perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => "${from}", PeerAddr => "${vip}:${port}") or die; print $s "${bytes}"; print while <$s>'`,
      );

    before(async () => {
      box = await Sandbox.open(["ens32"]);
      for (const last of [11, 12, 13, 50, 100]) box.run(`ip address add 192.168.184.${last}/24 dev ens32`);
      box.run("ip address add 10.0.0.1/24 dev ens32; mkdir -p /run/haproxy; sysctl -q -w net.ipv4.ip_nonlocal_bind=1");
      box.write("/run/web.conf", web);
      box.run("nginx -c /run/web.conf");
      proxy = checkedProxy({
        ...changed(proxyPair(), {
          set: {
            // Fewer than a test may have open.
            "/maxConnections": 500,
            "/services/0/requestHeaders": { "X-A": "a; b" },
            "/services/0/responseHeaders": { "X-C": "d=e (f)" },
            "/services/0/rules": [
              { path: "/two/", realServers: [{ name: "rs2" }] },
              { host: "one.example.com", header: { name: "X-Beta", value: "a.b" }, realServers: [{ name: "rs1" }] },
              { path: "/old", redirect: { scheme: "https", status: 301 } },
              { header: { name: "X-Any" }, redirect: { location: "https://www.example.com/x?y=z" } },
            ],
            "/services/1": { vip, port: 8081, scheduler: "rr", proxyProtocol: { send: "v1" } },
            "/services/2": {
              vip,
              port: 8082,
              mode: "http",
              proxyProtocol: { acceptFrom: ["192.168.184.0/24"] },
              realServers: [{ name: "rs1", port: 80 }],
            },
            "/services/3": {
              vip,
              port: 443,
              mode: "http",
              tls: certificate(),
              realServers: [{ name: "rs1", port: 80 }],
            },
            "/services/4": {
              vip,
              port: 8083,
              mode: "http",
              realServers: [{ name: "rs2", port: 9999 }],
              sorryServer: { address: "192.168.184.12", port: 80 },
              // A page that the sorry server does not have, where one can be asked for.
              check: {
                ...(engine === "haproxy" ? { type: "http", path: "/health", status: 204 } : { type: "tcp" }),
                ...{ retry: 0, delayLoop: 1, delayBeforeRetry: 1 },
              },
            },
            "/services/5": {
              vip,
              port: 8084,
              mode: "http",
              realServers: [{ name: "rs1", port: 8083 }],
              requestHeaders: { Host: "inner.example.com", "x-forwarded-for": "hidden" },
            },
          },
        }),
        engine,
      });
      writeProxy(box, proxy);
      box.run(starts[engine]);
      await until(
        () => box.test(`curl -sf http://127.0.0.1:8064/ | grep -q alive`),
        "the proxy answers for keepalived",
      );
    });
    after(() => box.close());

    test("requests go to both real servers, with the client's address and our header", () => {
      const pages = [1, 2, 3, 4].map(() => get(`http://${vip}/x?y=1`));
      assert.deepEqual([...new Set(pages)].sort(), [
        "rs1 192.168.184.50 a; b /x?y=1",
        "rs2 192.168.184.50 a; b /x?y=1",
      ]);
    });
    test("a client cannot say that it is somebody else", () => {
      assert.match(get(`http://${vip}/`, "-H 'X-Forwarded-For: 192.0.2.66'"), /^rs\d 192\.168\.184\.50 a; b \/$/);
    });
    test("an answer gets its header", () => assert.match(get(`http://${vip}/`, "-i"), /^x-c: d=e \(f\)\r$/im));
    test("a header of ours takes the place of the client's and of the proxy's own", () =>
      assert.equal(get(`http://${vip}:8084/`), "inner.example.com hidden http"));
    test("a path chooses", () => {
      for (let round = 0; round < 4; round += 1) assert.match(get(`http://${vip}/two/x`), /^rs2 /);
    });
    test("host and header choose together, and neither alone", () => {
      const both = "-H 'Host: ONE.example.com:80' -H 'X-Beta: a.b'";
      for (let round = 0; round < 4; round += 1) assert.match(get(`http://${vip}/`, both), /^rs1 /);
      for (const one of [
        "-H 'Host: one.example.com'",
        "-H 'X-Beta: a.b'",
        "-H 'Host: one.example.com' -H 'X-Beta: aXb'",
      ])
        assert.deepEqual([...new Set([1, 2, 3, 4].map(() => get(`http://${vip}/`, one).slice(0, 3)))].sort(), [
          "rs1",
          "rs2",
        ]);
    });
    test("redirects send the client elsewhere, and the first rule that fits counts", () => {
      const ask = (path: string, ...words: string[]) =>
        get(`http://${vip}${path}`, "-o /dev/null -w '%{http_code} %{redirect_url}'", ...words);
      assert.match(get(`http://${vip}/old/`, "-i"), /^x-c: d=e \(f\)\r$/im);
      assert.equal(ask("/old/a?b=c"), `301 https://${vip}/old/a?b=c`);
      assert.equal(ask("/", "-H 'X-Any: 1'"), "302 https://www.example.com/x?y=z");
      assert.equal(ask("/two/", "-H 'X-Any: 1'"), "200 ");
    });
    test("the PROXY protocol tells real servers the client's address", () => {
      const pages = [1, 2, 3, 4].map(() => get(`http://${vip}:8081/`));
      assert.deepEqual([...new Set(pages)].sort(), ["rs1 192.168.184.50", "rs2 192.168.184.50"]);
    });
    test("the PROXY protocol of the layer before is believed, and nobody else's", () => {
      const bytes = `PROXY TCP4 203.0.113.9 192.168.184.100 1234 80\\r\\nGET / HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n`;
      assert.match(raw("192.168.184.50", 8082, bytes), /rs1 203\.0\.113\.9 /);
      assert.doesNotMatch(raw("10.0.0.1", 8082, bytes), /203\.0\.113\.9/);
      // Who says nothing is not served at all.
      box.run(`! curl -sf --max-time 5 http://${vip}:8082/`);
    });
    test("TLS ends here, with the certificate that was given", () => {
      box.write("/run/cert.pem", certificate().certificate);
      const secure = `--cacert /run/cert.pem --connect-to www.example.com:443:${vip}:443`;
      assert.match(get("https://www.example.com/", secure), /^rs1 192\.168\.184\.50/);
      box.run(`! curl -sf --tls-max 1.1 ${secure} https://www.example.com/`);
    });
    test("the sorry server answers while no real server can", async () => {
      await until(
        () => box.test(`curl -s --max-time 2 http://${vip}:8083/ | grep -q ^rs1`),
        "the sorry server answers",
      );
    });
    test("what verification and status see of real servers and open connections is so", async () => {
      const services = planProxy(proxy).proxies!["director-a"]!.services;
      const { steps, parse } = proxySight({ engine, services });
      const look = () =>
        parse(
          steps.map(({ argv }) => {
            const [command = "", ...words] = [...box.entry(), ...argv];
            const { stdout, stderr, status } = spawnSync(command, words, { encoding: "utf8" });
            return { argv, code: status ?? -1, stdout, stderr };
          }),
        );
      const [bytes, broken] = ["lvs_192_168_184_100_8081", "lvs_192_168_184_100_8083"];
      const told = ({ pools }: ProxySight, pool: string) =>
        Object.values(pools![pool]!).map(({ endpoint, health, backup }) => [endpoint, health, backup]);
      const judged = (sight: ProxySight) =>
        [broken, bytes].flatMap((pool) => told(sight, pool)).every(([, health]) => health !== "checking");
      await until(() => {
        const sight = look();
        return judged(sight) && told(sight, broken)[0]![1] === "down";
      }, "nobody listens on 9999, and each other check has come to a result");
      assert.deepEqual(told(look(), broken), [
        ["192.168.184.13:9999", "down", false],
        // haproxy asks a sorry server nothing; of nginx's, a connection tells.
        ["192.168.184.12:80", engine === "haproxy" ? "unchecked" : "up", true],
      ]);
      assert.deepEqual(told(look(), bytes), [
        ["192.168.184.12:8081", "up", false],
        ["192.168.184.13:8081", "up", false],
      ]);
      const open = `exec perl -MIO::Socket::INET -e 'my @s = map { IO::Socket::INET->new("${vip}:8081") or die } 1 .. 4; sleep 30'`;
      box.run(`{ ${open}; } >/dev/null 2>&1 </dev/null & echo $! >/run/open.pid`);
      await until(() => look().services[`tcp ${vip}:8081`]!.active === 4, "four connections are open");
      assert.deepEqual(
        Object.values(look().pools![bytes]!).map(({ active }) => active),
        [2, 2],
      );
      box.run("kill $(cat /run/open.pid)");
      await until(() => look().services[`tcp ${vip}:8081`]!.active === 0, "none is open");
    });
    test("what a real server hangs up on is asked of another one, unless that could do harm twice", () => {
      const codes = (...words: string[]) =>
        [1, 2, 3, 4].map(() => get(`http://${vip}/gone`, "-o /dev/null -w '%{http_code}'", ...words));
      // Before the other ones: nginx leaves a real server alone for a while after that.
      assert.ok(codes("-X POST").includes("502"));
      assert.deepEqual(codes(), ["200", "200", "200", "200"]);
    });
    test("three reloads under 200 requests a second fail none, and new processes serve", async () => {
      const workers = () => box.run(`pgrep -x ${engine} | sort`).split("\n");
      const old = workers();
      box.write("/run/load.pl", LOAD);
      box.run(`perl /run/load.pl ${vip} 200 3 >/run/load.out 2>&1 </dev/null & echo $! >/run/load.pid`);
      const done = () => box.run("cat /run/load.out").trim().split("\n").length;
      for (let round = 0; round < 3; round += 1) {
        const before = done();
        box.run(reloads[engine]);
        await until(() => done() > before + 100, "100 further answers");
      }
      box.run("touch /run/load-stop");
      await until(
        () => box.test("! grep -qE '^[0-9]+ .perl. [RSD] ' /proc/$(cat /run/load.pid)/stat"),
        "the load ends",
      );
      const lines = box.run("cat /run/load.out").trim().split("\n");
      assert.ok(lines.length > 300);
      assert.deepEqual(
        lines.filter((line) => line.split(" ")[2] !== "ok"),
        [],
      );
      assert.ok(workers().some((pid) => !old.includes(pid)));
    });
    test("keepalived's question is answered by a proxy that lives, and by no other", async () => {
      const { content } = planProxy(checkedProxy({ ...proxyPair(), engine })).hosts["director-a"]!.files[
        "/usr/local/sbin/lvs-proxy-alive"
      ]!;
      box.write("/usr/local/sbin/lvs-proxy-alive", content, "0755");
      box.run("lvs-proxy-alive 8064");
      // One that has all the connections that it takes lives: without its VIP the other director would be next.
      const many = `perl -MIO::Socket::INET -e '$SIG{ALRM} = sub { exit }; my @all = map { IO::Socket::INET->new("${vip}:80") or die } 1 .. 600; open(F, ">/run/full"); alarm 60; sleep 90'`;
      box.run(`${many} >/dev/null 2>&1 </dev/null & echo $! >/run/many.pid`);
      await until(() => box.test("test -e /run/full"), "600 connections");
      for (let round = 0; round < 5; round += 1) box.run("lvs-proxy-alive 8064");
      box.run("kill $(cat /run/many.pid)");
      // A process that hangs still has its socket.
      box.run(`pkill -STOP -x ${engine}`);
      box.run("lvs-proxy-alive 8064", 1);
      box.run(`pkill -CONT -x ${engine}`);
      box.run("lvs-proxy-alive 8064");
      box.run(`pkill -KILL -x ${engine}`);
      await until(() => box.test("! lvs-proxy-alive 8064"), "no answer");
    });
  });
}
