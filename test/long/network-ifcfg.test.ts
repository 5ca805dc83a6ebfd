import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { networkKind } from "../lab/support/network-kind.js";
import { root } from "../lab/support/stack.js";

const SCRIPTS = "PULUMI_LVS_NETWORK_SCRIPTS";
// Beside the checkout, where a developer may have them; they are GPL and no part of it.
const folder = (process.env[SCRIPTS] ??= join(root, "..", "shared", "fixtures", "network-scripts"));

if (existsSync(folder))
  networkKind({
    kind: "ifcfg",
    backend: "ifcfg",
    settled: "systemctl is-active --quiet network",
    holds: "ls /etc/sysconfig/network-scripts",
    handlings: [{ command: "systemctl restart network", linkDown: true }],
  });
else
  test("ifcfg: the DR pair on the real network-scripts", {
    skip: `${folder} is not there: name the folder of initscripts' network-scripts in ${SCRIPTS}`,
  });
