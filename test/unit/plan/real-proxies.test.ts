import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { keySecret } from "../../../infra/plan/index.js";
import { planProxy } from "../../../infra/render/index.js";
import type { Proxy } from "../../../infra/spec/index.js";
import { noSandbox, Sandbox } from "../render/sandbox.js";
import { proxyVariants } from "./proxy-variants.js";

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
export function writeProxy(box: Sandbox, proxy: Proxy): void {
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

    test("but does about a word that it does not know, so that its word means something", () => {
      box.write(conf, broken);
      assert.match(box.run(`${command} 2>&1 || true`), said);
    });
  });
}
