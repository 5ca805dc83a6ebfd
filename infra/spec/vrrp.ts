import { z } from "zod";
import { say } from "./problem.js";
import { hostCidr, instanceName, interfaceName, label, whole } from "./words.js";

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
});

/** A virtual address of the cluster. */
export type Vip = z.infer<typeof vip>;
/** Settings that all directors share. */
export type Vrrp = z.infer<typeof vrrp>;
