import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseLab } from "../../../infra/spec/index.js";
import { Network, type NetHost } from "../../../infra/topology/network.js";

const plug = (segment: string) => ({ segment });
const parsed = parseLab({
  segments: { a: {}, b: {} },
  machines: {
    one: { interfaces: { e0: plug("a") } },
    router: { interfaces: { e0: plug("a"), e1: plug("b") } },
    two: { interfaces: { e0: plug("b") } },
  },
});
if (!("lab" in parsed)) throw new Error(JSON.stringify(parsed.problems));
const { lab } = parsed;

const router: NetHost = {
  name: "router",
  addresses: [
    { dev: "e0", cidr: "10.0.0.1/24" },
    { dev: "e1", cidr: "10.0.1.1/24" },
  ],
  routes: [],
};
const host = (name: string, cidr: string, ...routes: NetHost["routes"]): NetHost => ({
  name,
  addresses: [{ dev: "e0", cidr }],
  routes,
});
const two = host("two", "10.0.1.2/24", { to: "default", via: "10.0.1.1" });
const walk = (one: NetHost, to: string, until?: string) =>
  new Network([one, router, two], lab)
    .walk("one", to, until)
    ?.map(({ from, to: next, segment }) => `${from} ${segment} ${next}`);

describe("a packet", () => {
  test("goes by the longest prefix, and to a gateway over the wire on which it is", () => {
    const one = host("one", "10.0.0.2/24", { to: "default", via: "10.0.0.9" }, { to: "10.0.1.0/24", via: "10.0.0.1" });
    assert.deepEqual(walk(one, "10.0.1.2"), ["one a router", "router b two"]);
  });
  test("goes by the first of two routes to the same network: the plan's stands before the lab's", () => {
    const one = host("one", "10.0.0.2/24", { to: "default", via: "10.0.0.1" }, { to: "default", via: "10.0.0.9" });
    assert.deepEqual(walk(one, "10.0.1.2"), ["one a router", "router b two"]);
  });
  test("ends at its destination, or at the host that was asked for", () => {
    const one = host("one", "10.0.0.2/24", { to: "default", via: "10.0.0.1" });
    assert.deepEqual(walk(one, "10.0.0.2"), []);
    assert.deepEqual(walk(one, "10.0.1.2", "router"), ["one a router"]);
  });
  test("does not arrive without a route, at an address of nobody, on another wire, or in a circle", () => {
    assert.equal(walk(host("one", "10.0.0.2/24"), "10.0.1.2"), undefined);
    assert.equal(walk(host("one", "10.0.0.2/24"), "10.0.0.77"), undefined);
    assert.equal(walk(host("one", "10.0.0.2/16"), "10.0.1.2"), undefined);
    const circle = { ...router, routes: [{ to: "default", via: "10.0.0.2" }] };
    const one = host("one", "10.0.0.2/24", { to: "default", via: "10.0.0.1" });
    assert.equal(new Network([one, circle, two], lab).walk("one", "192.0.2.1"), undefined);
  });
  test("does not take an IPv4 route to an IPv6 address", () => {
    const one = host("one", "10.0.0.2/24", { to: "default", via: "10.0.0.1" });
    assert.equal(walk(one, "2001:db8::1"), undefined);
  });
  test("goes straight to its destination without a lab, but for gateways that are hosts of the cluster", () => {
    const free = (one: NetHost) =>
      new Network([one, router, two], undefined).walk("one", "10.0.1.2")?.map(({ to }) => to);
    assert.deepEqual(free(host("one", "10.0.0.2/32")), ["two"]);
    assert.deepEqual(free(host("one", "10.0.0.2/32", { to: "default", via: "10.0.0.1" })), ["router", "two"]);
  });
});
