import { z } from "zod";
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
    .describe("OpenSSH client configuration that says what is left out here, as `~/.ssh/config`; none when left out."),
  port: port.optional().describe("TCP port; 22 when left out."),
  user: line("a login user").optional().describe("Login user; root when left out."),
  password: secretText.optional().describe("Login password (secret)."),
  privateKey: secretText.optional().describe("Private key in OpenSSH or PEM form (secret)."),
  privateKeyPassword: secretText.optional().describe("Passphrase of `privateKey` (secret)."),
  agentSocketPath: line("a path").optional().describe("Path of an SSH agent's socket."),
  hostKey: line("a host key `ssh-ed25519 AAAA…`").optional().describe("Pinned host key, as in known_hosts."),
  knownHostsFile: line("a path")
    .optional()
    .describe("known_hosts file that must hold the host; `~/.ssh/known_hosts` when left out."),
  insecureIgnoreHostKey: z
    .boolean()
    .optional()
    .describe("`true` accepts any host key; warned about at each connection."),
  dialErrorLimit: whole(0, 1000).optional().describe("Dial attempts before giving up; 5 when left out."),
  perDialTimeout: whole(0, 3600, "seconds").optional().describe("Seconds for each dial attempt; 15 when left out."),
});

const theWay = "Jump host on the way to this one.";
const second = z.strictObject({ ...jump.shape, proxy: jump.optional().describe(theWay) });
const first = z.strictObject({ ...jump.shape, proxy: second.optional().describe(theWay) });

/** How to reach a host over SSH: the fields of a host's `connection`. */
export const connectionSchema = z.strictObject({
  ...jump.shape,
  sudo: z.boolean().optional().describe("Become root by sudo; on by default for a user other than root."),
  sudoPassword: secretText.optional().describe("Password for sudo (secret); `sudo -n` when left out."),
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
export const connection = z.unknown().check((context) => {
  if (isOpaque(context.value)) return;
  const checked = connectionSchema.safeParse(known(context.value));
  if (checked.success) return;
  context.issues.push({
    code: "custom",
    input: context.value,
    params: { nested: { schema: connectionSchema, issues: checked.error.issues } },
  });
});
