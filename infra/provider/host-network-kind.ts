import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Host } from "../host/types.js";
import { managers } from "../linux/network-manager.js";
import type { FoundNetwork } from "../plan/types.js";
import { batch } from "./batch.js";
import { connectionSecrets } from "./connection-secrets.js";
import { differences } from "./diff.js";
import { askedOf, verdict, type NetworkWish, type Verdict } from "./found-network.js";
import { hostOf, otherMachine, refresh } from "./host-kind.js";
import type { Context, Kind } from "./kind.js";
import { unknown, type Properties, type Value } from "./values.js";

/** Seconds from its boot within which a host's managers may not have come to all interfaces yet. */
const booting = 120;

/** `lvs:index:HostNetwork`: who brings up a host's network at boot. It looks and changes nothing. */
export const hostNetworkKind: Kind = {
  token: "lvs:index:HostNetwork",
  secrets: connectionSecrets,

  diff: (oldInputs, news) => ({ changes: differences(oldInputs, news), replace: otherMachine(oldInputs, news) }),

  planned: (inputs, olds) => ({ ...inputs, found: olds && isKept(olds, inputs) ? olds["found"]! : unknown }),

  foresee: (context, inputs) => ask(context, inputs),

  async create(context, inputs) {
    return { id: String(inputs["host"]), outputs: await ask(context, inputs) };
  },

  async update(context, _id, olds, _oldInputs, news) {
    const kept = isKept(olds, news) ? (olds["found"] as unknown as FoundNetwork) : undefined;
    return { outputs: await ask(context, news, kept) };
  },

  read: (context, _id, inputs, outputs) =>
    refresh(context, inputs, outputs, async (host) => {
      const kept = outputs["found"] as unknown as FoundNetwork;
      const now = await look(host, { ...wishOf(inputs), ...kept }, context);
      return { manager: "problems" in now ? now.problems.join("; ") : "as set up" };
    }),

  async delete() {
    // Nothing was made.
  },
};

/** What was found stays while nobody wishes for another, and no refresh has found another there. */
function isKept(olds: Properties, news: Properties): boolean {
  return ["backend", "names", "manager"].every((key) => isDeepStrictEqual(olds[key], news[key]));
}

/** @param kept what was found earlier: then only whether it has the interfaces is asked. */
async function ask(context: Context, inputs: Properties, kept?: FoundNetwork): Promise<Properties> {
  const host = await hostOf(context, inputs);
  context.status("asking who manages the network");
  const answer = await look(host, { ...wishOf(inputs), ...kept }, context);
  if ("problems" in answer) throw new Error(answer.problems.map((each) => `${host.name}: ${each}`).join("\n"));
  return { ...inputs, found: answer.found as unknown as Value };
}

async function look(host: Host, wish: NetworkWish, context: Context): Promise<Verdict> {
  // Of a host on which nothing is to be kept nothing is asked.
  if (wish.interfaces.length === 0) return { found: { backend: "systemd-unit" } };
  for (;;) {
    const [{ uptime, claims }] = await batch(host, [managers(askedOf(wish))], context);
    const answer = verdict(wish, claims);
    const soon = wish.interfaces.some((dev) => claims[dev]?.length === 0) && uptime < booting;
    if (!soon || wish.backend === "systemd-unit") return answer;
    context.status(
      `booted ${uptime} s ago: waiting for a network manager to have set up ${wish.interfaces.join(", ")}`,
    );
    await sleep(1000, undefined, { signal: context.signal });
  }
}

function wishOf({ backend, names, interfaces }: Properties): NetworkWish {
  return { backend, ...(names && { names }), interfaces } as unknown as NetworkWish;
}
