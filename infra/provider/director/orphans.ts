import type { Host } from "../../host/types.js";
import { address } from "../../linux/address.js";
import * as keepalived from "../../linux/keepalived.js";
import { floating } from "../../linux/keepalived-text.js";
import type { Reading } from "../../linux/noun.js";
import { batch } from "../batch.js";
import type { Context } from "../kind.js";
import { lasting } from "../lasting.js";
import { configurationOf, daemonOf, type DirectorInputs } from "./inputs.js";

/** Milliseconds between two looks: an address and the state of its instance do not change at the same instant. */
const PAUSE_MS = 1500;

/** Addresses of a director, and what keepalived says of its instances, at one moment. */
interface Sight {
  there: Record<string, Reading<unknown>>;
  daemon: Pick<keepalived.State, "instances">;
}

/**
 * VIPs on the host, as `<dev> <address>/<prefix>`, of which keepalived is not master: two hosts answer for one address.
 * @param sight what was seen just now, so that one look less is needed.
 */
export async function orphans(context: Context, host: Host, inputs: DirectorInputs, sight?: Sight): Promise<string[]> {
  if (daemonOf(inputs) !== "keepalived" || inputs.vips.length === 0) return [];
  return lasting(context, PAUSE_MS, () => look(context, host, inputs), sight && masterless(inputs, sight));
}

async function look(context: Context, host: Host, inputs: DirectorInputs): Promise<string[]> {
  const [there, daemon] = await batch(host, [address.read(inputs.vips), keepalived.state()], context);
  return masterless(inputs, { there, daemon });
}

function masterless(inputs: DirectorInputs, { there, daemon: { instances } }: Sight): string[] {
  const owned = Object.entries(floating(configurationOf(inputs)))
    .filter(([name]) => instances[name]?.state === "MASTER")
    .flatMap(([, addresses]) => addresses);
  return inputs.vips.filter(
    (key) => there[key]?.state === "present" && !owned.includes(key.split(" ")[1]?.split("/")[0] ?? ""),
  );
}
