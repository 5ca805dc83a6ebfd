import { after, test } from "node:test";
import { drift } from "./case-1/drift.js";
import { failover } from "./case-1/failover.js";
import { leaving, untouched } from "./case-1/leaving.js";
import { changing } from "./case-1/changing.js";
import { comingBack } from "./case-1/coming-back.js";
import { refusal } from "./case-1/refusal.js";
import { directorA, healed, stack, whole } from "./case-1/setting.js";
import { secrecy } from "./case-1/secrecy.js";
import { serving } from "./case-1/serving.js";
import { status } from "./case-1/status.js";
import { succeeded } from "./support/stack.js";

// One lab for all of it, in the order of a cluster's life: booting five machines is paid once.
after(() => stack.clean());

untouched();

test("up makes the pair and proves that it serves", async (t) => {
  const done = succeeded(await stack.up(whole));
  t.diagnostic(`figure: pair set up on booted machines in ${done.seconds.toFixed(0)} s`);
  await healed(directorA);
});

serving();
status();
drift();
changing();
failover();
secrecy();
comingBack();
refusal();
leaving();
