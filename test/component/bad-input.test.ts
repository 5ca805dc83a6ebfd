import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Stack } from "../lab/support/stack.js";

const stack = new Stack("test-bad-input");
after(() => stack.clean());

test("a preview names every mistake of a stack file at once, before any host or lab is touched", async () => {
  await stack.init();
  const file = stack.file(({ config }) => {
    const cluster = config["lvs:cluster"];
    cluster.wieght = 1;
    cluster.vrrp.virtualRouterId = 300;
    cluster.vrrp.authPass = "much too long";
    cluster.vips[0].address = "192.168.184.11/24";
    cluster.directors[1].priority = 100;
    cluster.realServers[0].weight = -1;
    cluster.realServers[1].name = "rs1";
    cluster.services[0].check.path = '/"; }';
    cluster.services[0].port = 70000;
    config["lvs:lab"].machines["rs1"].memory = 1;
  });
  const done = await stack.preview(file);
  const text = done.stdout + done.stderr;
  assert.notEqual(done.code, 0);
  for (const said of [
    /cluster\.wieght: .*unknown|cluster\.wieght: .*known/i,
    /cluster\.vrrp\.virtualRouterId: .*255.*got 300/,
    /cluster\.vrrp\.authPass: .*8.*got \[secret\]/,
    /cluster\.vips\[0\]\.address: /,
    /priority/,
    /cluster\.realServers\[0\]\.weight: .*got -1/,
    /cluster\.realServers\[1\]\.name: /,
    /cluster\.services\[0\]\.check\.path: /,
    /cluster\.services\[0\]\.port: .*65535.*got 70000/,
    /lab\.machines\.rs1\.memory: /,
  ])
    assert.match(text, said);
  assert.doesNotMatch(text, /much too long/);
  assert.doesNotMatch(text, /\n\s+at .*\.ts:\d+/, "a stack trace of our program tells the user nothing");
});
