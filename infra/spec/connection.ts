import { z } from "zod";
import { note } from "./note.js";
import { say } from "./problem.js";
import { port, whole } from "./words.js";

const line = (rule: string) =>
  z
    .string(say(rule, "Write it as text."))
    .regex(/^[^\p{Cc}]+$/u, say(`${rule} on one line`, "Take the line break out."));
const secretText = z
  .string(say("a text", "Set it with `pulumi config set --secret`."))
  .min(1, say("a text that is not empty", "Set it with `pulumi config set --secret`."));

const jump = z.strictObject({
  host: line("an address or name to dial").describe("Address or name to dial, or an alias in `sshConfigFile`."),
  sshConfigFile: line("a path")
    .optional()
    .describe(
      "OpenSSH client configuration that says what is left out here, as `~/.ssh/config`: see [aliases](real-stack.md#aliases-of-sshconfig).",
    ),
  port: port.optional().meta(note("TCP port.", { unset: "22" })),
  user: line("a login user")
    .optional()
    .meta(note("Login user.", { unset: "root" })),
  password: secretText.optional().describe("Login password (secret)."),
  privateKey: secretText.optional().describe("Private key in OpenSSH or PEM form (secret); taken before the password."),
  privateKeyPassword: secretText.optional().describe("Passphrase of `privateKey` (secret)."),
  agentSocketPath: line("a path").optional().describe("Path of an SSH agent's socket."),
  hostKey: line("a host key `ssh-ed25519 AAAA…`")
    .optional()
    .meta(note("Pinned host key, as in known_hosts: `ssh-ed25519 AAAA…`.", { unset: "`knownHostsFile` decides" })),
  knownHostsFile: line("a path")
    .optional()
    .meta(note("known_hosts file that must hold the host.", { unset: "`~/.ssh/known_hosts`" })),
  insecureIgnoreHostKey: z
    .boolean()
    .optional()
    .meta(note("`true` accepts any host key; warned about at each connection.", { unset: "false" })),
  dialErrorLimit: whole(0, 1000)
    .optional()
    .meta(note("Dial attempts before giving up.", { unset: "5" })),
  perDialTimeout: whole(0, 3600, "seconds")
    .optional()
    .meta(note("Seconds for each dial attempt.", { unset: "15" })),
});

const theWay = "Jump host on the way to this one.";
const second = z.strictObject({ ...jump.shape, proxy: jump.optional().describe(theWay) });
const first = z.strictObject({ ...jump.shape, proxy: second.optional().describe(theWay) });

/** How to reach a host over SSH: the fields of a host's `connection`. */
export const connectionSchema = z.strictObject({
  ...jump.shape,
  sudo: z
    .boolean()
    .optional()
    .meta(note("Become root by sudo.", { unset: "true for a user other than root" })),
  sudoPassword: secretText.optional().meta(note("Password for sudo (secret).", { unset: "`sudo -n`" })),
  proxy: first.optional().describe("Jump host; up to three in a row."),
});

/** True for a value that is not known yet or not plain data: an Output, a promise, a function. */
function isOpaque(value: unknown): boolean {
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype !== Object.prototype && prototype !== null) || "__pulumiOutput" in value;
}

/** What can be checked now: fields that are not known yet are taken as good. */
function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => {
      if (!isOpaque(field)) return [[key, key === "proxy" ? known(field) : field]];
      return key === "host" ? [[key, "not-known-yet"]] : [];
    }),
  );
}

/** A host's connection: checked as far as it is plain data, passed through as it came. */
export const connection = z
  .unknown()
  .check((context) => {
    if (isOpaque(context.value)) return;
    const checked = connectionSchema.safeParse(known(context.value));
    if (checked.success) return;
    context.issues.push({
      code: "custom",
      input: context.value,
      params: { nested: { schema: connectionSchema, issues: checked.error.issues } },
    });
  })
  .meta({ fields: connectionSchema });
