import { createHash } from "node:crypto";
import { type AnyAuthMethod, type AuthenticationType, type AuthHandlerMiddleware, type ParsedKey, utils } from "ssh2";
import { type AnyConnection, userOf } from "./connection.js";
import { Failure } from "./errors.js";
import { fingerprint } from "./host-key.js";

/** How to log in, and what to say when the host takes none of it. */
export interface Login {
  handler: AuthHandlerMiddleware;
  /** `agentTrouble`: what went wrong with the agent, if anything. */
  refused(cause: unknown, agentTrouble?: string): Failure;
}

interface Method {
  /** For messages: `key SHA256:…`. */
  label: string;
  use: AnyAuthMethod;
}

const passwordLabel = "password";
const parsed = new Map<string, ParsedKey>();

/**
 * Key first, then agent, then password (asked for as such or interactively, whatever the host offers). Without any of
 * them the agent of the environment is taken, as `@pulumi/command` does. Throws `auth` when there is nothing usable.
 */
export function loginOf(connection: AnyConnection): Login {
  const username = userOf(connection);
  const methods = methodsOf(connection, username);
  if (methods.length === 0) {
    throw new Failure(
      "auth",
      `no way to log in as ${username}`,
      "give privateKey, password or agentSocketPath in the connection",
    );
  }
  const tried: string[] = [];
  let offered: string[] = [];
  let left = methods;
  const handler: AuthHandlerMiddleware = (methodsLeft, _partial, next) => {
    if (Array.isArray(methodsLeft) && methodsLeft.length > 0) offered = methodsLeft;
    // A host that takes passwords has refused this one already: asked interactively it would only be counted twice.
    if (offered.includes("password") && tried.includes(passwordLabel)) {
      left = left.filter(({ use }) => use.type !== "keyboard-interactive");
    }
    const at = left.findIndex(({ use }) => offered.length === 0 || offered.includes(wireName(use.type)));
    const method = left[at];
    // The types do not tell that ssh2 takes `false` for "no more methods".
    if (method === undefined) return next(false as unknown as AnyAuthMethod);
    left = left.slice(at + 1);
    tried.push(method.label);
    next(method.use);
  };
  return { handler, refused: (cause, trouble) => refusal(username, methods, { tried, offered, trouble }, cause) };
}

function methodsOf(connection: AnyConnection, username: string): Method[] {
  const { password, privateKey } = connection;
  const methods: Method[] = [];
  if (privateKey !== undefined) {
    const key = parseKey(privateKey, connection.privateKeyPassword);
    methods.push({ label: `key ${fingerprint(key.getPublicSSH())}`, use: { type: "publickey", username, key } });
  }
  const given = privateKey !== undefined || password !== undefined;
  const agent = connection.agentSocketPath ?? (given ? undefined : process.env["SSH_AUTH_SOCK"]);
  if (agent !== undefined && agent !== "") {
    methods.push({ label: `keys of the agent at ${agent}`, use: { type: "agent", username, agent } });
  }
  if (password !== undefined) {
    methods.push({ label: passwordLabel, use: { type: "password", username, password } });
    methods.push({
      label: "password (asked for interactively)",
      use: {
        type: "keyboard-interactive",
        username,
        // Only hidden questions are for the password; anything else gets an empty answer.
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(prompts.map(({ echo }) => (echo === true ? "" : password))),
      },
    });
  }
  return methods;
}

function wireName(type: AuthenticationType): string {
  return type === "agent" ? "publickey" : type;
}

function refusal(
  user: string,
  methods: Method[],
  seen: { tried: string[]; offered: string[]; trouble?: string },
  cause: unknown,
): Failure {
  const { tried, offered, trouble } = seen;
  const offers = offered.length === 0 ? "" : `; it offers: ${offered.join(", ")}`;
  const agent = trouble === undefined ? "" : `; agent: ${trouble}`;
  const what =
    tried.length === 0
      ? `host does not take ${methods.map(({ label }) => label).join(", ")} for user ${user}${offers}`
      : `host refused user ${user} (tried: ${tried.join(", ")}${offers}${agent})`;
  const key = methods.some(({ use }) => wireName(use.type) === "publickey");
  return new Failure(
    "auth",
    what,
    key
      ? `put the public key into ~${user}/.ssh/authorized_keys on the host, or correct user and privateKey`
      : "correct user and password",
    { cause },
  );
}

/** Parsed once for all hosts: an encrypted key costs a tenth of a second or more of pure computing. */
function parseKey(text: string, passphrase: string | undefined): ParsedKey {
  const id = createHash("sha256")
    .update(JSON.stringify([text, passphrase]))
    .digest("hex");
  const seen = parsed.get(id);
  if (seen !== undefined) return seen;
  const key = utils.parseKey(text, passphrase);
  const [first] = Array.isArray(key) ? (key as ParsedKey[]) : [key];
  if (first === undefined || first instanceof Error) throw unusableKey(text, passphrase);
  if (!first.isPrivateKey()) {
    throw new Failure("auth", "privateKey is a public key", "give the private one, the file without .pub");
  }
  parsed.set(id, first);
  return first;
}

function unusableKey(text: string, passphrase: string | undefined): Failure {
  if (!isEncrypted(text)) {
    return new Failure(
      "auth",
      "privateKey is not a private key in OpenSSH or PEM form",
      "give the whole text of the file; `ssh-keygen -p -f <file>` rewrites other forms",
    );
  }
  return passphrase === undefined
    ? new Failure("auth", "privateKey is encrypted", "give its passphrase as privateKeyPassword")
    : new Failure("auth", "privateKeyPassword does not open the privateKey", "give the right passphrase");
}

/** True for a private key that needs a passphrase. */
export function isEncrypted(text: string): boolean {
  if (/ENCRYPTED/.test(text)) return true;
  const body = /BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body === undefined) return false;
  // "openssh-key-v1\0", then the cipher's name with its length (PROTOCOL.key).
  const bytes = Buffer.from(body, "base64");
  if (bytes.length < 19) return false;
  return bytes.subarray(19, 19 + bytes.readUInt32BE(15)).toString("latin1") !== "none";
}
