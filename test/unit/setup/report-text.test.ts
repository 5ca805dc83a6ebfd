import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerOf,
  holds,
  namesOf,
  problemsOf,
  reportText,
  tally,
  urlOf,
  type Findings,
} from "../../../infra/setup/report-text.js";

const found: Findings = {
  stack: "lab-dr",
  client: "client",
  service: { vip: "192.168.184.100", port: 80, protocol: "tcp" },
  masters: ["director-b"],
  answers: ["rs2", "rs1", "rs2"],
  failures: [],
  table: "TCP  192.168.184.100:80 rr\n  -> 192.168.184.12:80  Route 1\n",
  seconds: 0.26,
};

test("director names come from a list of names, a list of objects and a map alike", () => {
  assert.deepEqual(namesOf(["a", "b"]), ["a", "b"]);
  assert.deepEqual(namesOf([{ name: "a" }, { name: "b" }]), ["a", "b"]);
  assert.deepEqual(namesOf({ a: {}, b: {} }), ["a", "b"]);
  assert.deepEqual(namesOf(undefined), []);
});

test("an IPv6 VIP stands in brackets in the URL", () => {
  assert.equal(urlOf({ vip: "fd00::1", port: 8080, protocol: "tcp" }), "http://[fd00::1]:8080/");
  assert.equal(urlOf(found.service), "http://192.168.184.100:80/");
});

test("a director holds the VIP only when the very address is on an interface", () => {
  const shown = JSON.stringify([{ ifname: "lo" }, { ifname: "eth0", addr_info: [{ local: "192.168.184.100" }] }]);
  assert.equal(holds(shown, "192.168.184.100"), true);
  assert.equal(holds(shown, "192.168.184.10"), false);
});

test("a page's answer is its first line of text without tags", () => {
  assert.equal(answerOf("\n<html>\n<h1>rs1</h1>\nmore"), "rs1");
  assert.equal(answerOf("<p></p>\n"), "(empty page)");
});

test("answers are counted in the order of first appearance", () => {
  assert.deepEqual(
    [...tally(["b", "a", "b"])],
    [
      ["b", 2],
      ["a", 1],
    ],
  );
});

test("the report names the master, the counts, the order and the kernel's table", () => {
  const text = reportText(found);
  assert.match(text, /^master +director-b holds 192\.168\.184\.100$/m);
  assert.match(text, /^requests +3 from client through http:\/\/192\.168\.184\.100:80\/ in 0\.3 s: rs2 2, rs1 1$/m);
  assert.match(text, /^in order +rs2, rs1, rs2$/m);
  assert.match(text, /^ {4}-> 192\.168\.184\.12:80 {2}Route 1$/m);
  assert.deepEqual(problemsOf(found), []);
});

test("no holder, two holders and failed requests are problems of their own", () => {
  assert.match(problemsOf({ ...found, masters: [] })[0] ?? "", /got no director\./);
  assert.match(problemsOf({ ...found, masters: ["a", "b"] })[0] ?? "", /got a and b\./);
  assert.match(problemsOf({ ...found, failures: ["timed out"] })[0] ?? "", /1 of 4 requests failed, .*"timed out"/);
  assert.equal(problemsOf({ ...found, masters: [], failures: ["timed out"] }).length, 2);
});
