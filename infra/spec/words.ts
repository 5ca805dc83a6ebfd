import { z } from "zod";
import { canonical, isEdge, isHostAddress, isNetmask, networkOf, parseCidr } from "./address.js";
import { say } from "./problem.js";

/**
 * Words that reach a configuration file or a command. Each is an allow list, so that no newline, brace, quote, `$`, `!`,
 * `#`, backtick, backslash, semicolon or control character can get into keepalived.conf, a unit or a shell.
 */
function word(pattern: RegExp, rule: string, next: string) {
  // Names are keys of maps, in the plan and in Pulumi's state, where such a one would be found without having been put in.
  const free = (text: string) => !(text in Object.prototype) || !pattern.test(text);
  return z
    .string(say(rule, next))
    .regex(pattern, say(rule, next))
    .refine(free, ownRule)
    .register(z.globalRegistry, aWord);
}

const ownRule = say("a name that is not one of JavaScript's own, such as constructor", "Choose another one.");
const aWord = { word: true };

/** A whole number within bounds; the unit stands in the rule. */
export function whole(min: number, max: number, unit = "") {
  const message = say(`a whole number${unit && ` of ${unit}`} from ${min} to ${max}`, "Choose one in this range.");
  return z.int(message).min(min, message).max(max, message);
}

/** A host name: letters, digits, hyphens and dots, at most 63 characters; it becomes resource names and router_id. */
export const hostName = word(
  /^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
  "a host name (letters, digits, hyphens and dots, at most 63 characters)",
  "Choose a name of these characters.",
);

/** A network interface: at most 15 characters (IFNAMSIZ), no slash, colon or white space; `all` and `default` are no interfaces in sysctls. */
export const interfaceName = word(
  /^(?!(all|default)$)[A-Za-z][A-Za-z0-9._-]{0,14}$/,
  "an interface name (a letter, then letters, digits, dots, hyphens or underscores, at most 15 characters, not all or default)",
  "Give the name that `ip link` shows.",
);

/** Name under which the host's network manager keeps an interface; it becomes part of a file's name. */
export const networkName = word(
  /^([a-z]+\/)?[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
  "a name of letters, digits, dots, hyphens, underscores and @, under netplan also after its section, as bonds/bond0",
  "Give the name without its extension: 20-wired for 20-wired.network.",
);

/** An address label: `<interface>:<suffix>`, at most 15 characters (IFNAMSIZ). */
export const label = word(
  /^(?=.{1,15}$)[A-Za-z][A-Za-z0-9._-]*:[A-Za-z0-9._-]+$/,
  "a label `<interface>:<suffix>` of at most 15 characters",
  "Write it as ens32:3, or leave it out.",
);

/** A lab machine: it becomes a host name, and its processes are known by it. */
export const machineName = word(
  /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/,
  "a machine name (lower-case letters, digits and hyphens, at most 32 characters)",
  "Choose a name of these characters.",
);

/** A lab segment: it becomes a bridge. */
export const segmentName = word(
  /^[a-z0-9][a-z0-9-]{0,30}$/,
  "a segment name (lower-case letters, digits and hyphens, at most 31 characters)",
  "Choose a name of these characters.",
);

/** An interface of a lab machine; the guest needs `lo`, `mgmt`, `vec0` … and `eth0` … itself. */
export const labInterfaceName = word(
  /^(?!(lo|mgmt|(vec|eth)\d+)$)[a-z][a-z0-9]{0,14}$/,
  "an interface name (a lower-case letter, then letters and digits, at most 15 characters) that the guest does not use itself",
  "Choose one like ens32; not lo, mgmt, vec0 or eth0.",
);

const shortestRule = "an IPv6 address in its shortest form (RFC 5952)";

/** Reports an IPv6 address that is not in its shortest form, which is how the kernel's tools show it. */
function shortest(issues: z.core.$ZodRawIssue[], value: string): boolean {
  const [address = "", prefix] = value.split("/");
  const short = canonical(address);
  if (short === undefined || short === address) return true;
  const next = `Write it as ${prefix === undefined ? short : `${short}/${prefix}`}.`;
  issues.push({ code: "custom", input: value, message: say(shortestRule, next) });
  return false;
}

const addressRule = say(
  "an address that a host can have",
  "Write it as 192.0.2.1 or 2001:db8::1, without a prefix length.",
);
const cidrRule = say("an address with its prefix length", "Write it as 192.0.2.1/24 or 2001:db8::1/64.");

const insideRule = say(
  "an address that a host can have, not that of its network or the broadcast address",
  "Choose one inside the network.",
);

/** An address that a host can have. */
export const hostAddress = z
  .string(addressRule)
  .check(({ issues, value }) => {
    if (shortest(issues, value) && !isHostAddress(value))
      issues.push({ code: "custom", input: value, message: addressRule });
  })
  .register(z.globalRegistry, { name: "address" });

/** An address with its prefix length. */
export const hostCidr = z
  .string(cidrRule)
  .check(({ issues, value }) => {
    if (!shortest(issues, value)) return;
    const cidr = parseCidr(value);
    if (cidr === undefined || !isHostAddress(cidr.address))
      issues.push({ code: "custom", input: value, message: cidrRule });
    else if (isEdge(cidr)) issues.push({ code: "custom", input: value, message: insideRule });
  })
  .register(z.globalRegistry, { name: "cidr" });

const targetRule = say("`default` or a network with its prefix length", "Write it as 192.0.2.0/24.");
const hostBits = "the address of a network, without bits of a host";

/** A destination of a route. The kernel takes no network that has bits of a host set. */
export const routeTarget = z
  .string(targetRule)
  .check(({ issues, value }) => {
    if (value === "default") return;
    const cidr = parseCidr(value);
    const network = cidr && networkOf(cidr);
    if (network === value) return;
    const message = network === undefined ? targetRule : say(hostBits, `Write it as ${network}.`);
    issues.push({ code: "custom", input: value, message });
  })
  .register(z.globalRegistry, { name: "target" });

const netmaskRule = say("a contiguous netmask", "Write it as 255.255.255.0.");

/** What the rules say that are functions, for those who have patterns only. */
export const wordsOfFunctions = {
  shortest: say(shortestRule, "Write it as 2001:db8::1."),
  address: addressRule,
  cidr: cidrRule,
  inside: insideRule,
  target: targetRule,
  hostBits: say(hostBits, "Write it as 192.0.2.0/24."),
  netmask: netmaskRule,
  own: ownRule,
} as const;

/** A contiguous IPv4 netmask. */
export const netmask = z
  .string(say("a netmask", "Write it as 255.255.255.0."))
  .refine(isNetmask, netmaskRule)
  .register(z.globalRegistry, { name: "netmask" });

/** A TCP, UDP or SCTP port. */
export const port = whole(1, 65535);

/** Bytes in hexadecimal. A line of keepalived.conf has at most 1023 characters (2.2.7, `MAXBUF`). */
export const hexBytes = word(
  /^([0-9A-Fa-f]{2}){1,450}$/,
  "bytes in hexadecimal, two digits each, at most 450",
  "Write them as 0a1b2c.",
);

/** One word of a command that keepalived runs; nothing in it means anything to keepalived or a shell. */
export const commandWord = word(
  /^[A-Za-z0-9/_.%+:@,=-]{1,255}$/,
  "a word of at most 255 letters, digits and / _ . % + : @ , = -",
  "Put anything else into the script.",
);

/** A name within keepalived.conf. */
export const blockName = word(
  /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
  "a name (a letter, then letters, digits, hyphens or underscores, at most 63 characters)",
  "Write it as check_nginx.",
);

/** The name of a VRRP instance. */
export const instanceName = word(
  /^[A-Za-z][A-Za-z0-9._-]{0,62}$/,
  "an instance name (a letter, then letters, digits, dots, hyphens or underscores, at most 63 characters)",
  "Write it as VI_1.",
);

/** The path part of a URL. Brackets and `~` are left out: keepalived expands `~SEQ(…)`. */
export const urlPath = word(
  /^\/[A-Za-z0-9/_.%+:@,=&?-]{0,899}$/,
  "a URL path of at most 900 letters, digits and / _ . % + : @ , = & ? -",
  "Write other characters as %XX.",
);

/** The Host header of a check. */
export const virtualHost = word(
  /^(?=.{1,255}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
  "a host name, with a port if needed",
  "Write it as www.example.com.",
);

/** An absolute path on a host. A name has at most 255 bytes, of which a file needs some while it is written. */
export const filePath = word(
  /^(?=.{2,512}$)(?!.*\/\.{1,2}(\/|$))(\/[A-Za-z0-9._@+:,=-]{1,230})+$/,
  "an absolute path of letters, digits and . _ @ + : , = - without `..`, of at most 512 characters, 230 for each name",
  "Write the full path of a file.",
);

/** An octal file mode of four digits. */
export const fileMode = word(/^[0-7]{4}$/, "an octal mode of four digits, in quotes", 'Write it as "0644".');

/** A user or group name. */
export const userName = word(
  /^[a-z_][a-z0-9_-]{0,31}$/,
  "a user or group name of the host",
  "Write it as `getent` shows it.",
);

/** A package name of any distribution. */
export const packageName = word(
  /^[A-Za-z0-9]([A-Za-z0-9+._-]{0,126}[A-Za-z0-9+._])?$/,
  "a package name (letters, digits and + . _ -, no - at its end, which apt takes for a removal, at most 128 characters)",
  "Write the name alone, without a version.",
);

/** A kernel module. */
export const moduleName = word(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,54}$/,
  "a kernel module name (letters, digits, _ and -, at most 55 characters)",
  "Write it as `lsmod` shows it.",
);

/** A sysctl in dotted form; a dot inside an interface name is written as a slash, as sysctl.d(5) has it. */
export const sysctlKey = word(
  /^(?=.{1,255}$)[a-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*)+$/,
  "a sysctl in dotted form",
  "Write it as net.ipv4.ip_forward.",
);

const valueRule = say(
  "a whole number, or at most 1000 letters, digits and . _ : / , + - in words with single blanks between",
  "Write it as `sysctl -n` shows it.",
);

/** The value of a sysctl: a number, or words on one line. */
export const sysctlValue = z.union(
  [
    z.int(valueRule),
    z.string(valueRule).regex(/^(?=.{1,1000}$)[A-Za-z0-9._:/,+-]+( [A-Za-z0-9._:/,+-]+)*$/, valueRule),
  ],
  valueRule,
);

/** A systemd unit with its type. */
export const unitName = word(
  /^(?=.{1,255}$)[A-Za-z0-9@_.:][A-Za-z0-9@_.:-]*\.(service|socket|timer|target|path|mount)$/,
  "a systemd unit with its type, at most 255 characters",
  "Write it as nginx.service.",
);

/** The beginning of a path, as a proxy compares it: decoded, so that no %XX would ever fit, and without a query. */
export const pathPrefix = word(
  /^\/[A-Za-z0-9/_.+:@,=~-]{0,899}$/,
  "the beginning of a path, of at most 900 letters, digits and / _ . + : @ , = ~ -",
  "Write it as /api/.",
);

/** The host that a request asks for, as a proxy compares it: without its port. */
export const requestHost = word(
  /^(?=.{1,255}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  "a host name, without a port",
  "Write it as www.example.com.",
);

/** An HTTP header's name. */
export const headerName = word(
  /^[A-Za-z][A-Za-z0-9-]{0,62}$/,
  "a header name (a letter, then letters, digits and hyphens)",
  "Write it as X-Beta.",
);

/** An HTTP header's value; nothing in it means anything to a proxy's configuration, whose words have at most 4096 characters (nginx). */
export const headerValue = word(
  /^(?=.{1,1000}$)[A-Za-z0-9_.,:;=/+@()*<>?!~|&-]+( [A-Za-z0-9_.,:;=/+@()*<>?!~|&-]+)*$/,
  "a header value of at most 1000 letters, digits, single spaces and _ . , : ; = / + @ ( ) * < > ? ! ~ | & -",
  "Leave out quotes, $, %, #, backslashes, brackets and braces.",
);

/** A whole URL of the web. */
export const url = word(
  /^(?=.{1,1000}$)https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9/_.+:@,=&?~-]*)?$/,
  "a URL of at most 1000 letters, digits and / _ . + : @ , = & ? ~ -",
  "Write it as https://www.example.com/.",
);
