import { z } from "zod";
import { parseCidr } from "./address.js";
import { note } from "./note.js";
import { say } from "./problem.js";
import { hostAddress, hostCidr, labInterfaceName, machineName, routeTarget, segmentName, whole } from "./words.js";

/** What is said of a text that is no network. */
export const subnetRule = say("a network with its prefix length", "Write it as 192.0.2.0/24.");

/** A network of a lab that machines are plugged into. */
export const segment = z.strictObject({
  subnets: z
    .array(
      z
        .string(subnetRule)
        .refine((text) => parseCidr(text) !== undefined, subnetRule)
        .meta({ name: "network" }),
    )
    .optional()
    .meta(note("Networks that the addresses on it must lie in.", { unset: "any" })),
});

/** An interface of a lab machine. */
export const labInterface = z.strictObject({
  segment: segmentName.describe(
    "Segment that it is plugged into. Real servers that are reached by `dr` are on a segment of the directors.",
  ),
  addresses: z.array(hostCidr).default([]).describe("Addresses with prefix length, outside 198.18.0.0/15."),
});

/** A route of a lab machine, part of its own network set-up. */
export const labRoute = z.strictObject({
  to: routeTarget.describe("`default`, or a network with its prefix length."),
  via: hostAddress.describe("Next hop."),
});

/** Who sets a lab machine's addresses and routes up. */
const kind = z.enum(["static", "networkd", "ifupdown", "netplan", "networkmanager", "ifcfg"]);

/** A machine of a lab. */
export const machine = z.strictObject({
  memory: whole(64, 4096, "MiB").default(128).describe("Memory in MiB."),
  interfaces: z.record(labInterfaceName, labInterface).describe("Interfaces by name."),
  routes: z.array(labRoute).default([]).describe("Routes beside those of the addresses."),
  kind: kind.optional().meta(note("Who sets its addresses and routes up.", { unset: "that of the lab" })),
});

/** A lab: machines with kernels of their own on this computer. */
export const lab = z.strictObject({
  segments: z.record(segmentName, segment).describe("Networks by name."),
  kind: kind
    .default("static")
    .describe(
      "Who sets addresses and routes of machines up: `static`, the lab's own script, or the real manager of that name. `ifcfg` needs the folder of Red Hat's network-scripts in the environment variable `PULUMI_LVS_NETWORK_SCRIPTS`.",
    ),
  machines: z
    .record(machineName, machine)
    .describe(
      "Machines by name. A host of the cluster without `connection` is the machine of its name, and its `address` is one that the machine has on `interface`.",
    ),
});

/** A lab as it was checked, with every default filled in. */
export type Lab = z.infer<typeof lab>;
/** A lab as a person writes it. */
export type LabInput = z.input<typeof lab>;
