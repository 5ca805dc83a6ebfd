import { after } from "node:test";
import { caseOne } from "../lab/case-1/life.js";
import { Setting } from "../lab/case-1/setting.js";
import { busy } from "./jump-host/busy.js";
import { passage } from "./jump-host/passage.js";
import { strict } from "./jump-host/strict.js";
import { ThroughJumpHost } from "./jump-host/way.js";

const way = new ThroughJumpHost();
const setting = new Setting("long-jump-host", way);
after(() => way.credentials.remove());

// All of case 1 as it is, with hosts that are reached through a jump host only.
caseOne(setting, () => {
  passage(setting, way);
  busy(setting, way);
  strict(setting, way);
});
