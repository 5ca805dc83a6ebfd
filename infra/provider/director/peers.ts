import { openHost } from "../../host/pool.js";
import type { Host, Step } from "../../host/types.js";
import { file } from "../../linux/file.js";
import type * as keepalived from "../../linux/keepalived.js";
import { agreement } from "../../linux/keepalived-text.js";
import { unit } from "../../linux/unit.js";
import type { Table } from "../../plan/types.js";
import { batch, nothing } from "../batch.js";
import type { Context } from "../kind.js";
import { alone } from "../lease.js";
import { UNITS, type DirectorInputs } from "./inputs.js";
import { settle } from "./settle.js";

/** Another director as it was seen. */
export interface Peer {
  host: Host;
  text: string;
  agreement: string | undefined;
  active: boolean;
  enabled: boolean;
}

/** The other directors as they are now; one that cannot be reached is left out, and said. */
export async function lookAtPeers(context: Context, { peers, files }: DirectorInputs): Promise<Peer[]> {
  const [path] = Object.keys(files);
  if (path === undefined) return [];
  const looked = peers.map(async ({ name, connection }): Promise<Peer[]> => {
    try {
      const host = await openHost(name, connection, { warn: context.warn });
      const [readings, units] = await batch(host, [file.read([path]), unit.read([UNITS.keepalived])], context);
      const reading = readings[path];
      const is = units[UNITS.keepalived];
      const has = is?.state === "present" ? is.value : { active: false, enabled: false };
      const text = reading?.state === "present" && "content" in reading.value ? reading.value.content : undefined;
      return [{ host, text: text ?? "", agreement: text === undefined ? undefined : agreement(text), ...has }];
    } catch (error) {
      context.warn(`${name}: not reached while its peer is changed (${(error as Error).message})`);
      return [];
    }
  });
  return (await Promise.all(looked)).flat();
}

/**
 * Changes of what directors have in common are made with one of them alone: two that disagree do not hear each other, and
 * are both masters. Says what this one is to do: `stop` until the master has changed, which starts it again; or `reload`,
 * when it is the master itself, after its peers were stopped.
 */
export async function makeWay(
  context: Context,
  inputs: DirectorInputs,
  texts: { present: string; wanted: string },
  daemon: keepalived.State,
): Promise<"reload" | "stop"> {
  const wanted = agreement(texts.wanted);
  if (inputs.peers.length === 0 || agreement(texts.present) === wanted) return "reload";
  const others = await lookAtPeers(context, inputs);
  if (!Object.values(daemon.instances).some(({ state }) => state === "MASTER")) {
    // Where all others have it already, as when one was changed by hand, nobody would start this one again.
    const allReached = others.length === inputs.peers.length;
    if (allReached && others.every((peer) => !peer.active || peer.agreement === wanted)) return "reload";
    context.info(
      `${inputs.host}: stopped until the master has the new configuration: the directors must agree on it, and no two may be masters`,
    );
    return "stop";
  }
  for (const { host } of others.filter((peer) => peer.active && peer.agreement !== wanted)) {
    context.status(`stopping keepalived of ${host.name}, which still disagrees`);
    await alone(context, host, (own) => own.run([systemctl("stop")]));
  }
  return "reload";
}

/**
 * Starts peers that were stopped for a change on which this director now agrees with them; with a table, sees that they
 * come to it.
 * @param looked peers as they are since this director changes.
 */
export async function bringPeersBack(
  context: Context,
  inputs: DirectorInputs,
  text: string,
  table?: Table,
  looked = lookAtPeers(context, inputs),
): Promise<void> {
  const own = agreement(text);
  for (const { host, ...peer } of await looked) {
    if (peer.active || !peer.enabled || peer.agreement !== own) continue;
    context.status(`starting keepalived of ${host.name}, which agrees again`);
    await alone(context, host, async (held) => {
      await held.run([systemctl("start")]);
      if (table) await settle(context, held, peer.text, table, nothing);
    });
  }
}

function systemctl(verb: "start" | "stop"): Step {
  return { argv: ["systemctl", "--quiet", verb, UNITS.keepalived], timeoutSeconds: 120 };
}
