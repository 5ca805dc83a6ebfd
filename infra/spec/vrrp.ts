import { z } from "zod";
import { extraRoute } from "./host.js";
import { say } from "./problem.js";
import {
  blockName,
  commandWord,
  filePath,
  hostCidr,
  hostName,
  instanceName,
  interfaceName,
  label,
  userName,
  whole,
} from "./words.js";

const setPass = "Set another one with `pulumi config set --secret --path 'cluster.vrrp.authPass'`.";
const passLength = say("1 to 8 characters, because VRRP sends no more", setPass);
const passCharacters = say("visible ASCII characters without quotes, braces, backslash, $, !, # and backtick", setPass);

/** A virtual address of the cluster. */
export const vip = z.strictObject({
  address: hostCidr.describe("VIP with the prefix length it has on the director."),
  interface: interfaceName
    .optional()
    .describe("Interface of the directors that gets it; their own `interface` when left out."),
  label: label.optional().describe("Label `<interface>:<suffix>`; real servers use the same suffix on lo."),
  instance: instanceName.optional().describe("VRRP instance that it belongs to; the first one when left out."),
});

/** A further VRRP instance: its VIPs move on their own, so that each director can be master of some. */
export const instance = z.strictObject({
  name: instanceName.describe("Name, which VIPs refer to."),
  virtualRouterId: whole(1, 255).describe("Virtual router id, unique on the segment."),
  priorities: z
    .record(hostName, whole(1, 254))
    .describe("Priority of each director by name, where it differs from the director's own."),
});

/** Tells the backup of the connections of the master, so that they survive a failover. */
export const connectionSync = z.strictObject({
  interface: interfaceName.optional().describe("Interface to tell over; the directors' own when left out."),
  syncid: whole(0, 255)
    .optional()
    .describe("Tells two pairs on one segment apart; the virtual router id when left out."),
});

/** A program whose failure makes a director give the VIPs away. */
export const trackScript = z.strictObject({
  name: blockName.describe("Name in keepalived.conf."),
  path: filePath.describe("Program on the directors: exit status 0 is good."),
  arguments: z.array(commandWord).default([]).describe("Its arguments."),
  user: userName.describe("User that runs it: keepalived runs no script as root that others may write."),
  interval: whole(1, 3600, "seconds").default(1).describe("Seconds between two runs."),
  timeout: whole(1, 3600, "seconds")
    .optional()
    .describe("Seconds after which it counts as failed; `interval` when left out."),
  rise: whole(1, 1000).default(1).describe("Good runs until it counts as good."),
  fall: whole(1, 1000).default(1).describe("Bad runs until it counts as bad."),
  weight: whole(-253, 253)
    .default(0)
    .describe("Added to the priority while it is good (or, if negative, while it is bad); 0: bad is a fault."),
});

/** A route that moves with the VIPs. */
export const virtualRoute = extraRoute.extend({
  interface: interfaceName.optional().describe("Interface to leave by; the directors' own when left out."),
});

/** Gratuitous ARP after a takeover. */
export const garp = z.strictObject({
  masterDelay: whole(0, 3600, "seconds").optional().describe("Seconds until the second set; 0 for none."),
  masterRepeat: whole(1, 1000).optional().describe("Messages in a set."),
  masterRefresh: whole(0, 86400, "seconds").default(60).describe("Seconds between reminders while master; 0 for none."),
  masterRefreshRepeat: whole(1, 1000).optional().describe("Messages in a reminder."),
});

/** Settings that all directors of a VRRP instance share. */
export const vrrp = z.strictObject({
  instance: instanceName.default("VI_1").describe("Name of the instance, for logs."),
  virtualRouterId: whole(1, 255).describe("Virtual router id, unique on the segment."),
  advertInterval: whole(1, 255, "seconds").default(1).describe("Seconds between two advertisements."),
  authPass: z
    .string(say("a text", "Put it in quotes."))
    .regex(/^[^]{1,8}$/, passLength)
    .regex(/^(?!.*["'`{}\\$!#])[\x21-\x7e]*$/, passCharacters)
    .optional()
    .describe("VRRP password (secret), 1 to 8 characters; no authentication when left out."),
  unicast: z.boolean().default(false).describe("Advertise to each other's address instead of the multicast group."),
  nopreempt: z.boolean().default(false).describe("A director that comes back does not take the VIPs over."),
  preemptDelay: whole(0, 1000, "seconds")
    .optional()
    .describe("Seconds to wait before a director that comes back takes the VIPs over."),
  instances: z.array(instance).default([]).describe("Further instances, for VIPs that move on their own."),
  connectionSync: connectionSync
    .optional()
    .describe("Connections survive a failover (`lvs_sync_daemon`); needs nopreempt or preemptDelay."),
  trackInterfaces: z
    .array(interfaceName)
    .default([])
    .describe("Interfaces without which a director gives the VIPs away."),
  trackScripts: z.array(trackScript).default([]).describe("Programs without which a director gives the VIPs away."),
  virtualRoutes: z.array(virtualRoute).default([]).describe("Routes that move with the VIPs."),
  garp: garp.prefault({}).describe("Gratuitous ARP after a takeover."),
});

/** A virtual address of the cluster. */
export type Vip = z.infer<typeof vip>;
/** Settings that all directors share. */
export type Vrrp = z.infer<typeof vrrp>;
