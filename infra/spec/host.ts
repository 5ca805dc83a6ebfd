import { z } from "zod";
import { familyOf } from "./address.js";
import { connection } from "./connection.js";
import { firewall } from "./firewall.js";
import { note } from "./note.js";
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
  networkName,
  packageName,
  routeTarget,
  sysctlKey,
  sysctlValue,
  unitName,
  userName,
  whole,
} from "./words.js";

const mebibyte = 1024 * 1024;
const block = "Write it in quotes or as a YAML block.";
/** What is said of half a character. */
export const halvesRule = say("a text without halves of characters (lone surrogates)", block);
/** JSON Schema counts characters, and this is about bytes. */
const atMost = "a text of at most 1 MiB";
// What aborts is said by the union below, which shows no text.
const text = z
  .string(say("a text", block))
  .refine((content) => !/\p{Cs}/u.test(content), { error: halvesRule, abort: true })
  // What is larger is not read back.
  .refine((content) => content.length <= mebibyte && Buffer.byteLength(content) <= mebibyte, {
    error: say(atMost, "Bring it with a package, or fetch it with a unit."),
    abort: true,
  })
  .meta({ name: "text of a file", unsaid: [atMost] });

/** A file of the user's own: its text, or text with mode and owner. */
export const file = z
  .union([
    text,
    z.strictObject({
      content: text.describe("Text of the file, at most 1 MiB."),
      mode: fileMode.default("0644").describe("Octal mode of four digits, in quotes."),
      owner: userName.default("root").describe("Owner."),
      group: userName.default("root").describe("Group."),
    }),
  ])
  .meta({ secret: true });

/** The wanted state of a systemd unit. */
export const unit = z.strictObject({
  enabled: z.boolean().default(true).describe("Started at boot."),
  active: z.boolean().default(true).describe("Running now."),
  restartOn: z
    .array(filePath)
    .optional()
    .describe(
      "Files of the host, by absolute path, that it reads at its start only: it is restarted when one of them changes.",
    ),
});

/** An address beside the host's own ones. */
export const extraAddress = z.strictObject({
  address: hostCidr.describe("Address with its prefix length."),
  interface: interfaceName.describe("Interface that gets it."),
  label: label.optional().describe("Label `<interface>:<suffix>`."),
});

/** A route beside the host's own ones. */
export const extraRoute = z.strictObject({
  to: routeTarget.meta(
    note("`default`, or a network with its prefix length and without bits of a host.", { becomes: "destination" }),
  ),
  via: hostAddress.optional().meta(note("Next hop.", { becomes: "`via`" })),
  interface: interfaceName.optional().meta(note("Interface to leave by.", { becomes: "`dev`" })),
  src: hostAddress.optional().meta(note("Preferred source address, as the VIP.", { becomes: "`src`" })),
  metric: whole(0, 4294967295)
    .optional()
    .meta(note("Metric; the lower one wins.", { becomes: "`metric`" })),
});

/** What keeps addresses and routes of a host over a reboot. */
export const networkBackends = ["systemd-unit", "networkd", "ifupdown", "netplan", "networkmanager", "ifcfg"] as const;

/** Name of a network backend. */
export type NetworkBackendName = (typeof networkBackends)[number];

/** What can be said in the place of one: that the host is asked. */
export const networkChoices = [...networkBackends, "detect"] as const;

/** A network backend, or that the host is asked for it. */
export type NetworkChoice = (typeof networkChoices)[number];

/** The key of a route: its network, `default`, or `default6` with a next hop in IPv6. */
export function destinationOf({ to, via }: { to: string; via?: string | undefined }): string {
  return to === "default" && via !== undefined && familyOf(via) === 6 ? "default6" : to;
}

/** What every host has: who it is, how to reach it, and what the user wants on it besides. */
export const host = z.strictObject({
  name: hostName.meta(
    note("Host name, unique in the cluster; resources are named after it, so a changed name is another host.", {
      becomes: "`router_id` of a director",
    }),
  ),
  address: hostAddress.meta(
    note(
      "The host's own address towards the cluster: DIP of a director, RIP of a real server. The host must have it already.",
      { becomes: "`real_server`, `unicast_src_ip`; nginx and haproxy: `server`" },
    ),
  ),
  address6: hostAddress
    .optional()
    .meta(
      note(
        "Its IPv6 address beside an IPv4 `address`, for services on IPv6 VIPs and for VRRP of IPv6 over `unicast`. The host must have it already.",
        { becomes: "`real_server`, `unicast_src_ip`" },
      ),
    ),
  interface: interfaceName.meta(note("Interface that has `address`.", { becomes: "`interface`" })),
  connection: connection.optional().meta(
    note("How to reach the host over SSH.", {
      unset: "the lab's machine of this name",
    }),
  ),
  networkBackend: z
    .enum(networkChoices)
    .optional()
    .meta(
      note(
        "What the host's network is managed with: in its way addresses, routes and tunnels come up at boot. `detect` asks the host at the first `up`, and keeps the answer. See [Network backends](network-backends.md).",
        { becomes: "files of that manager", unset: "the cluster's" },
      ),
    ),
  networkNames: z
    .record(interfaceName, networkName)
    .optional()
    .meta(
      note(
        "Under what name the host's own files have an interface: its `.network` file without extension for `networkd`, its id in YAML for `netplan`, with its section where that is not `ethernets` (`bonds/bond0`).",
        { becomes: "`/etc/systemd/network/<name>.network.d/`", unset: "the interface's own name" },
      ),
    ),
  firewall: firewall
    .optional()
    .meta(
      note("The host's own [firewall](firewall.md), where it differs from the cluster's.", { unset: "the cluster's" }),
    ),
  packages: z.array(packageName).default([]).describe("Further packages that must be installed."),
  modules: z
    .array(moduleName)
    .default([])
    .meta(
      note("Further kernel modules, loaded now and at boot.", { becomes: "`/etc/modules-load.d/pulumi-lvs.conf`" }),
    ),
  sysctls: z
    .record(sysctlKey, sysctlValue)
    .default({})
    .meta(
      note("Further sysctls in dotted form, live and at boot. A dot in an interface name is written as a slash.", {
        becomes: "`/etc/sysctl.d/90-pulumi-lvs.conf`",
      }),
    ),
  files: z.record(filePath, file).default({}).describe("Further files by absolute path: the text, or an object."),
  units: z.record(unitName, unit).default({}).describe("Further systemd units by full name."),
  addresses: z
    .array(extraAddress)
    .default([])
    .meta(
      note("Further addresses, live and at boot.", {
        becomes: "files of the `networkBackend`: `lvs-routes.service`, on lo and tunnels `lvs-addresses.service`",
      }),
    ),
  routes: z
    .array(extraRoute)
    .default([])
    .meta(
      note("Further routes, live and at boot.", { becomes: "files of the `networkBackend`: `lvs-routes.service`" }),
    ),
});

/** What every host has. */
export type HostSpec = z.infer<typeof host>;
