import { z } from "zod";
import { familyOf } from "./address.js";
import { connection } from "./connection.js";
import { say } from "./problem.js";
import {
  fileMode,
  filePath,
  hostAddress,
  hostCidr,
  hostName,
  interfaceName,
  label,
  moduleName,
  packageName,
  routeTarget,
  sysctlKey,
  sysctlValue,
  unitName,
  userName,
  whole,
} from "./words.js";

/** What ends the check of a text here and now, so that the union below says it, which shows no text. */
const aborting = (rule: string, next: string) => ({ error: say(rule, next), abort: true });

const mebibyte = 1024 * 1024;
const block = "Write it in quotes or as a YAML block.";
const text = z
  .string(say("a text", block))
  .refine(
    (content) => !/\p{Cs}/u.test(content),
    aborting("a text without halves of characters (lone surrogates)", block),
  )
  // What is larger is not read back.
  .refine(
    (content) => content.length <= mebibyte && Buffer.byteLength(content) <= mebibyte,
    aborting("a text of at most 1 MiB", "Bring it with a package, or fetch it with a unit."),
  );

/** A file of the user's own: its text, or text with mode and owner. */
export const file = z.union([
  text,
  z.strictObject({
    content: text.describe("Text of the file."),
    mode: fileMode.default("0644").describe("Octal, four digits."),
    owner: userName.default("root").describe("Owner."),
    group: userName.default("root").describe("Group."),
  }),
]);

/** The wanted state of a systemd unit. */
export const unit = z.strictObject({
  enabled: z.boolean().default(true).describe("Started at boot."),
  active: z.boolean().default(true).describe("Running now."),
  restartOn: z
    .array(filePath)
    .optional()
    .describe("Files that it reads at its start only: it is restarted when one of them changes."),
});

/** An address beside the host's own ones. */
export const extraAddress = z.strictObject({
  address: hostCidr.describe("Address with prefix length."),
  interface: interfaceName.describe("Interface that gets it."),
  label: label.optional().describe("Label `<interface>:<suffix>`, at most 15 characters."),
});

/** A route beside the host's own ones. */
export const extraRoute = z.strictObject({
  to: routeTarget.describe("`default`, of the family of `via`, or a network with prefix length."),
  via: hostAddress.optional().describe("Next hop."),
  interface: interfaceName.optional().describe("Interface to leave by."),
  src: hostAddress.optional().describe("Preferred source address."),
  metric: whole(0, 4294967295).optional().describe("Metric; lower wins."),
});

/** The key of a route: its network, `default`, or `default6` with a next hop in IPv6. */
export function destinationOf({ to, via }: { to: string; via?: string | undefined }): string {
  return to === "default" && via !== undefined && familyOf(via) === 6 ? "default6" : to;
}

/** What every host has: who it is, how to reach it, and what the user wants on it besides. */
export const host = z.strictObject({
  name: hostName.describe("Name, unique in the cluster; resources are named after it."),
  address: hostAddress.describe(
    "The host's own address towards the cluster (DIP of a director, RIP of a real server).",
  ),
  address6: hostAddress
    .optional()
    .describe("Its IPv6 address towards the cluster, beside an IPv4 `address`; for services on IPv6 VIPs."),
  interface: interfaceName.describe("Interface that has `address`."),
  connection: connection
    .optional()
    .describe("How to reach the host over SSH; left out when the lab has a machine of this name."),
  packages: z.array(packageName).default([]).describe("Further packages that must be installed."),
  modules: z.array(moduleName).default([]).describe("Further kernel modules, loaded now and at boot."),
  sysctls: z.record(sysctlKey, sysctlValue).default({}).describe("Further sysctls, live and at boot."),
  files: z.record(filePath, file).default({}).describe("Further files by absolute path."),
  units: z.record(unitName, unit).default({}).describe("Further systemd units by full name."),
  addresses: z.array(extraAddress).default([]).describe("Further addresses, live and at boot."),
  routes: z.array(extraRoute).default([]).describe("Further routes, live and at boot."),
});

/** What every host has. */
export type HostSpec = z.infer<typeof host>;
