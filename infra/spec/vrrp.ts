import { z } from "zod";
import { extraRoute } from "./host.js";
import { note } from "./note.js";
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
  address: hostCidr.meta(
    note(
      "VIP with the prefix length it has on the director. The directors on its interface must be in its network, unless it is /32.",
      {
        becomes:
          "`virtual_ipaddress`. On real servers a single host (/32, /128): on lo under `dr`, on the tunnel's device under `tun` (IPv6 on lo), not at all under `nat` and `fullnat`",
      },
    ),
  ),
  interface: interfaceName.optional().meta(
    note("Interface of the directors that gets it, the same name on all of them.", {
      becomes: "`dev`",
      unset: "the directors' `interface`",
    }),
  ),
  label: label
    .optional()
    .meta(
      note(
        "Label `<interface>:<suffix>`, so that `ifconfig` shows it too; IPv4 only. Real servers use the same suffix: `lo:<suffix>`.",
        { becomes: "`label`", unset: "none, on real servers neither" },
      ),
    ),
  instance: instanceName
    .optional()
    .meta(
      note(
        "VRRP instance that it belongs to: `vrrp.instance`, or the name of one of [`vrrp.instances`](#clustervrrpinstances).",
        { becomes: "its place in `vrrp_instance`", unset: "`vrrp.instance`" },
      ),
    ),
});

/** A further VRRP instance: its VIPs move on their own, so that each director can be master of some. */
export const instance = z.strictObject({
  name: instanceName.meta(
    note("Name, unique among the instances. At least one VIP names it.", { becomes: "`vrrp_instance`" }),
  ),
  virtualRouterId: whole(1, 255).meta(
    note("Virtual router id, unique on the segment and among the instances.", { becomes: "`virtual_router_id`" }),
  ),
  priorities: z.record(hostName, whole(1, 254)).meta(
    note("Priority of each director by name; different on each director.", {
      becomes: "`priority`",
      unset: "of those left out, the director's own `priority`",
    }),
  ),
});

/** Tells the backup of the connections of the master, so that they survive a failover. */
export const connectionSync = z.strictObject({
  interface: interfaceName.optional().meta(
    note("Interface to tell over, by multicast.", {
      becomes: "`lvs_sync_daemon <interface>`",
      unset: "the directors' `interface`",
    }),
  ),
  syncid: whole(0, 255)
    .optional()
    .meta(note("Tells two pairs on one segment apart.", { becomes: "`id`", unset: "`virtualRouterId`" })),
});

/** A program whose failure makes a director give the VIPs away. */
export const trackScript = z.strictObject({
  name: blockName.meta(note("Name in keepalived.conf, unique.", { becomes: "`vrrp_script`" })),
  path: filePath.meta(
    note("Program on the directors: exit status 0 is good. It can come with `files` of the directors.", {
      becomes: "`script`",
    }),
  ),
  arguments: z
    .array(commandWord)
    .default([])
    .meta(note("Its arguments; with the program at most 800 characters.", { becomes: "`script`" })),
  user: userName.meta(
    note("User that runs it: keepalived runs no script as root that others may write.", { becomes: "`user`" }),
  ),
  interval: whole(1, 3600, "seconds")
    .default(1)
    .meta(note("Seconds between two runs.", { becomes: "`interval`" })),
  timeout: whole(1, 3600, "seconds")
    .optional()
    .meta(note("Seconds after which it counts as failed.", { becomes: "`timeout`", unset: "`interval`" })),
  rise: whole(1, 1000)
    .default(1)
    .meta(note("Good runs until it counts as good.", { becomes: "`rise`" })),
  fall: whole(1, 1000)
    .default(1)
    .meta(note("Bad runs until it counts as bad.", { becomes: "`fall`" })),
  weight: whole(-253, 253)
    .default(0)
    .meta(
      note(
        "Added to the priority while it is good, or if negative while it is bad; 0: bad is a fault, and the VIPs go.",
        { becomes: "`weight`" },
      ),
    ),
});

/** A route that moves with the VIPs. */
export const virtualRoute = extraRoute.extend({
  interface: interfaceName
    .optional()
    .meta(note("Interface to leave by.", { becomes: "`dev`", unset: "the directors' `interface`" })),
});

/** Gratuitous ARP after a takeover. */
export const garp = z.strictObject({
  masterDelay: whole(0, 3600, "seconds")
    .optional()
    .meta(
      note("Seconds until the second set of messages; 0 for none.", {
        becomes: "`vrrp_garp_master_delay`",
        unset: "keepalived's: 5",
      }),
    ),
  masterRepeat: whole(1, 1000)
    .optional()
    .meta(note("Messages in a set.", { becomes: "`vrrp_garp_master_repeat`", unset: "keepalived's: 5" })),
  masterRefresh: whole(0, 86400, "seconds")
    .default(60)
    .meta(
      note(
        "Seconds between reminders while master; 0 for none. A switch or neighbour that missed the takeover heals by them.",
        { becomes: "`vrrp_garp_master_refresh`" },
      ),
    ),
  masterRefreshRepeat: whole(1, 1000)
    .optional()
    .meta(note("Messages in a reminder.", { becomes: "`vrrp_garp_master_refresh_repeat`", unset: "keepalived's: 1" })),
});

/** Settings that all directors of a VRRP instance share. */
export const vrrp = z.strictObject({
  instance: instanceName
    .default("VI_1")
    .meta(note("Name of the instance, for logs and for VIPs that name it.", { becomes: "`vrrp_instance`" })),
  virtualRouterId: whole(1, 255).meta(
    note("Virtual router id, unique on the segment.", { becomes: "`virtual_router_id`" }),
  ),
  advertInterval: whole(1, 255, "seconds")
    .default(1)
    .meta(note("Seconds between two advertisements.", { becomes: "`advert_int`" })),
  authPass: z
    .string(say("a text", "Put it in quotes."))
    .regex(/^[^]{1,8}$/, passLength)
    .regex(/^(?!.*["'`{}\\$!#])[\x21-\x7e]*$/, passCharacters)
    .optional()
    .meta(
      note(
        "VRRP password, a secret of 1 to 8 characters; IPv4 only. It is never written into state, preview or logs; keepalived.conf is mode 0640.",
        { becomes: "`auth_type PASS`, `auth_pass`", unset: "no authentication" },
      ),
    ),
  unicast: z
    .boolean()
    .default(false)
    .meta(
      note(
        "Advertise to each other's `address` instead of the multicast group, for networks without multicast. Needs a second director.",
        { becomes: "`unicast_src_ip`, `unicast_peer`" },
      ),
    ),
  nopreempt: z
    .boolean()
    .default(false)
    .meta(
      note("A director that comes back does not take the VIPs over. All directors then start as BACKUP.", {
        becomes: "`nopreempt`",
      }),
    ),
  preemptDelay: whole(0, 1000, "seconds")
    .optional()
    .meta(
      note(
        "Seconds to wait before a director that comes back takes the VIPs over; not beside `nopreempt`. All directors then start as BACKUP.",
        { becomes: "`preempt_delay`" },
      ),
    ),
  instances: z
    .array(instance)
    .default([])
    .meta(note("Further instances, for VIPs that move on their own.", { becomes: "`vrrp_instance`" })),
  connectionSync: connectionSync.optional().meta(
    note("Connections survive a failover; needs `nopreempt` or `preemptDelay`. `{}` takes the defaults.", {
      becomes: "`lvs_sync_daemon`",
    }),
  ),
  trackInterfaces: z
    .array(interfaceName)
    .default([])
    .meta(note("Interfaces without which a director gives the VIPs away.", { becomes: "`track_interface`" })),
  trackScripts: z
    .array(trackScript)
    .default([])
    .meta(note("Programs without which a director gives the VIPs away.", { becomes: "`vrrp_script`, `track_script`" })),
  virtualRoutes: z
    .array(virtualRoute)
    .default([])
    .meta(note("Routes that move with the VIPs of the first instance.", { becomes: "`virtual_routes`" })),
  garp: garp.prefault({}).meta(note("Gratuitous ARP after a takeover.", { becomes: "`vrrp_garp_master_…`" })),
});

/** A virtual address of the cluster. */
export type Vip = z.infer<typeof vip>;
/** Settings that all directors share. */
export type Vrrp = z.infer<typeof vrrp>;
