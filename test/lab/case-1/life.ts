import { after } from "node:test";
import { beginning } from "./beginning.js";
import { changing } from "./changing.js";
import { comingBack } from "./coming-back.js";
import { drift } from "./drift.js";
import { failover } from "./failover.js";
import { leaving } from "./leaving.js";
import { refusal } from "./refusal.js";
import { secrecy } from "./secrecy.js";
import { serving } from "./serving.js";
import type { Setting } from "./setting.js";
import { status } from "./status.js";

/** The whole of case 1 on one lab, in the order of a cluster's life; `more`: tests before it is taken away. */
export function caseOne(setting: Setting, more: () => void = () => undefined): void {
  after(() => setting.stack.clean());

  beginning(setting);
  serving(setting);
  status(setting);
  drift(setting);
  changing(setting);
  failover(setting);
  secrecy(setting);
  comingBack(setting);
  refusal(setting);
  more();
  leaving(setting);
}
