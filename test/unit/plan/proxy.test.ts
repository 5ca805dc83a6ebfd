import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planProxy } from "../../../infra/render/index.js";
import { changed } from "../spec/case-1.js";
import { keptTree, treeOf } from "./golden.js";
import { certificate, checkedProxy, proxyPair, proxyVariants } from "./proxy-variants.js";

const engines = ["nginx", "haproxy"] as const;
const variant = (engine: (typeof engines)[number], title: string) =>
  proxyVariants(engine).find(([name]) => name === title)![1];

const golden: [string, RegExp][] = [
  ["a pair", /^director-a(\.json|.*(alive|keepalived\.conf|nginx|haproxy))|^rs1|verification/],
  ["rules, headers and a redirect", /^director-a.*(nginx\.conf|haproxy\.cfg)$/],
  ["a passive check of answers, a sorry server, weights", /^director-a.*(nginx\.conf|haproxy\.cfg)$/],
  ["a pool without VIPs", /^director-a\.json|verification/],
];
for (const engine of engines)
  for (const [name, part] of golden)
    test(`the files and settings of "${name}" with ${engine} are those in test/cases/plan`, () => {
      const all = Object.entries(treeOf(planProxy(variant(engine, name))));
      const tree = Object.fromEntries(all.filter(([path]) => part.test(path)));
      const kept = keptTree(`${engine}-${name.replaceAll(/[ ,]+/g, "-")}`, tree);
      assert.notEqual(Object.keys(tree).length, 0);
      assert.deepEqual(Object.keys(tree).sort(), Object.keys(kept).sort());
      for (const [path, content] of Object.entries(tree)) assert.equal(content, kept[path], path);
    });

for (const engine of engines)
  describe(`a plan of ${engine}`, () => {
    test("does not depend on the order of lists, but for that of rules", () => {
      for (const [title, proxy] of proxyVariants(engine)) {
        const turned = {
          ...proxy,
          vips: proxy.vips.toReversed(),
          directors: proxy.directors.toReversed(),
          realServers: proxy.realServers.toReversed(),
          services: proxy.services.toReversed(),
        };
        assert.equal(JSON.stringify(planProxy(turned)), JSON.stringify(planProxy(proxy)), title);
      }
    });
    test("has neither password nor private key", () => {
      const { certificate: cert, privateKey } = certificate();
      const change = { set: { "/vrrp/authPass": "s3cr3t-x", "/services/0/tls": { certificate: cert, privateKey } } };
      const text = JSON.stringify(planProxy(checkedProxy({ ...changed(proxyPair(), change), engine })));
      assert.doesNotMatch(text, /s3cr3t-x/);
      assert.ok(!text.includes(privateKey.split("\n")[2]!));
      assert.match(text, /\$\{secret:tls_192_168_184_100_80\}/);
    });
    test("of another weight changes one line on each director, and no host", () => {
      const plan = (weight: number) =>
        planProxy(
          checkedProxy({
            ...changed(proxyPair(), { set: { "/realServers/0/weight": weight, "/services/0/scheduler": "wrr" } }),
            engine,
          }),
        );
      const [before, after] = [plan(1), plan(5)];
      const path = { nginx: "/etc/nginx/nginx.conf", haproxy: "/etc/haproxy/haproxy.cfg" }[engine];
      const lines = (of: typeof before) => of.proxies!["director-b"]!.files[path]!.content.split("\n");
      const moved = lines(before).flatMap((line, index) => (line === lines(after)[index] ? [] : [line.trim()]));
      assert.equal(moved.length, 1);
      assert.match(moved[0]!, /192\.168\.184\.12:80 weight[ =]1 /);
      assert.deepEqual(after.hosts, before.hosts);
      assert.deepEqual(after.directors, before.directors);
    });
  });

describe("verification of proxies", () => {
  test("asks a pool at each of its proxies, and a service that only proxies may ask at none", () => {
    const pool = planProxy(variant("nginx", "a pool without VIPs")).verification;
    assert.deepEqual(
      pool.requests.map(({ url, service }) => [url, service]),
      [
        ["http://192.168.184.11:80/", "tcp *:80"],
        ["http://192.168.184.14:80/", "tcp *:80"],
      ],
    );
    assert.deepEqual([pool.daemon, pool.holders, pool.vrrp], ["ipvsadm", {}, undefined]);
    assert.deepEqual(planProxy(variant("nginx", "PROXY protocol from the layer before")).verification.requests, []);
  });
  test("expects nobody to answer where a rule may send the request elsewhere", () => {
    const { requests } = planProxy(variant("haproxy", "rules, headers and a redirect")).verification;
    assert.deepEqual(
      requests.map(({ realServers }) => realServers),
      [[]],
    );
  });
});
