import type { NetworkBackendName } from "../../spec/index.js";
import type { NetworkBackend } from "./backend.js";
import { ifcfg } from "./ifcfg.js";
import { ifupdown } from "./ifupdown.js";
import { netplan } from "./netplan.js";
import { networkd } from "./networkd.js";
import { networkManager } from "./networkmanager.js";
import { systemdUnit } from "./systemd-unit.js";

/** The backends by their names in the stack file. */
export const backends: Readonly<Record<NetworkBackendName, NetworkBackend>> = {
  "systemd-unit": systemdUnit,
  networkd,
  ifupdown,
  netplan,
  networkmanager: networkManager,
  ifcfg,
};
