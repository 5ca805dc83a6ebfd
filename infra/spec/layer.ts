import { z } from "zod";
import { cluster } from "./cluster.js";
import { note, type Choice } from "./note.js";
import { say } from "./problem.js";
import { proxy } from "./proxy.js";
import { hostName } from "./words.js";

/** True for a value that meets the condition of a choice. */
export function meets(value: unknown, condition: Choice["if"]): boolean {
  if (condition.type === "array") return Array.isArray(value);
  return typeof value === "object" && value !== null && condition.required[0] in value;
}

/**
 * A value of one schema or of another: passed through as it came, and refused in the words of the schema that it means. zod's own
 * union speaks for all alternatives at once.
 */
export function choose(choice: Choice) {
  return z
    .unknown()
    .check(({ issues, value }) => {
      const schema = meets(value, choice.if) ? choice.then : choice.else;
      const { success, error } = schema.safeParse(value);
      if (success) return;
      issues.push({ code: "custom", input: value, params: { nested: { schema, issues: error.issues } } });
    })
    .meta({ choice });
}

/** A cluster that says which proxy its directors run is one of proxies, all others are of LVS. */
export const namesEngine = { type: "object", required: ["engine"] } as const;

const listRule = say(
  "a list of real servers, or the layer that they are",
  "Write it as a list, or as {layer: <name>}.",
);

/** What is said of layers that are none. */
export const byName = say("layers by name", "Write each as a cluster.");

/** Schemas of layers, made when they are first asked for: most stack files have none. */
export const layerSchemas = once(() => {
  /** The layer whose directors are the real servers of this one. */
  const behind = z
    .strictObject({ layer: hostName.describe("Name of a layer of proxies without VIPs.") }, listRule)
    .meta({ name: "behind" });

  const name = hostName.optional().meta(
    note("Name of the cluster, written into the files it puts on hosts.", {
      becomes: "first line of each file",
      unset: "the layer's name",
    }),
  );
  const realServers = (list: z.ZodType) =>
    choose({ if: { type: "array" }, then: list, else: behind }).meta(
      note("The pool of real servers: a list, or the directors of the layer behind this one.", {
        becomes: "`real_server`; nginx and haproxy: `server`",
      }),
    );

  const ofLvs = cluster
    .extend({ name, realServers: realServers(cluster.shape.realServers) })
    .meta({ name: "layer of LVS" });
  const ofProxies = proxy
    .extend({ name, realServers: realServers(proxy.shape.realServers) })
    .meta({ name: "layer of proxies" });

  /** What stands under `lvs:layers`: the shape of each layer by itself. */
  const layers = z
    .record(hostName, choose({ if: namesEngine, then: ofProxies, else: ofLvs }), byName)
    .refine((all) => Object.keys(all).length > 0, byName)
    .meta({ name: "layers" });

  return { layers, ofLvs, ofProxies, behind };
});

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
