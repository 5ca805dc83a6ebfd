import { connect as tcpConnect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client } from "ssh2";
import { type Login, loginOf } from "./auth.js";
import { type AnyConnection, portOf, userOf } from "./connection.js";
import { Failure } from "./errors.js";
import { type HostKeyPolicy, hostKeyPolicy } from "./host-key.js";
import { race } from "./race.js";

/** A logged-in SSH client with the stream that it runs over. */
export interface Dialled {
  client: Client;
  stream: Duplex;
}

/** How each side proves who it is, for one attempt. */
interface Proof {
  policy: HostKeyPolicy;
  login: Login;
}

/** What ssh2 puts on its errors. */
type SshError = Error & { code?: string | number; level?: string; errors?: Error[] };

/**
 * One attempt: stream (TCP, or through a jump host), handshake, host key, login; all within `perDialTimeout`. Throws a
 * {@link Failure}, `transient` when another attempt may help.
 */
export async function dialOnce(
  connection: AnyConnection,
  openStream: ((signal: AbortSignal) => Promise<Duplex>) | undefined,
  signal: AbortSignal,
): Promise<Dialled> {
  // First of all: what is wrong in the connection itself needs no host to be told.
  const proof: Proof = { policy: hostKeyPolicy(connection), login: loginOf(connection) };
  const seconds = connection.perDialTimeout ?? 15;
  // 0 means no limit, as in @pulumi/command.
  const expired = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined;
  const stop = expired === undefined ? signal : AbortSignal.any([signal, expired]);
  const late = (kind: "unreachable" | "timeout", what: string): Failure =>
    new Failure(kind, `${what} within ${seconds} s`, hints.reach(connection), { transient: true });
  let stream: Duplex;
  try {
    stream = await (openStream ?? ((until) => openTcp(connection, until)))(stop);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw expired?.aborted === true ? late("unreachable", "no TCP connection") : error;
  }
  try {
    return { client: await logIn(connection, stream, proof, stop), stream };
  } catch (error) {
    stream.destroy();
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof Stopped)) throw error;
    throw error.sawBanner ? late("timeout", "no login") : late("unreachable", "connected, but no SSH banner");
  }
}

class Stopped extends Error {
  constructor(readonly sawBanner: boolean) {
    super("stopped");
  }
}

const hints = {
  reach: (c: AnyConnection) =>
    `see that the host is up, that sshd listens on port ${portOf(c)} and that no firewall is between`,
};

/** What may pass by itself: a host that boots, a full backlog, a route or a name that comes up late. */
const transientCodes = new Set(
  "ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN EAI_AGAIN".split(
    " ",
  ),
);

async function openTcp(connection: AnyConnection, stop: AbortSignal): Promise<Socket> {
  // Not given the signal itself: it would end the connection also later, when the limit of the dial is long met.
  const socket = tcpConnect({ host: connection.host, port: portOf(connection), noDelay: true });
  const connected = new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  try {
    await race(connected, stop);
  } catch (error) {
    socket.destroy();
    if (stop.aborted) throw error;
    const { code, message, errors } = error as SshError;
    const transient = transientCodes.has(String(code));
    const why = message === "" ? (errors?.[0]?.message ?? String(code)) : message;
    throw new Failure("unreachable", `no TCP connection (${why})`, hints.reach(connection), {
      cause: error,
      transient,
    });
  }
  socket.removeAllListeners("error");
  // Lets the kernel notice a dead link also while nothing runs: a probe after 15 s, then ten a second apart.
  socket.setKeepAlive(true, 15_000);
  return socket;
}

async function logIn(connection: AnyConnection, stream: Duplex, proof: Proof, stop: AbortSignal): Promise<Client> {
  const { policy, login } = proof;
  const client = new Client();
  let phase: "banner" | "handshake" | "login" = "banner";
  let refusal: Failure | undefined;
  let agentTrouble: string | undefined;
  let failure: SshError | undefined;
  let heard = false;
  const hear = (): void => void (heard = true);
  const stopped = (): void => void stream.destroy();
  stop.addEventListener("abort", stopped, { once: true });
  try {
    stop.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      client.once("ready", resolve);
      client.once("handshake", () => (phase = "login"));
      client.on("error", (error: SshError) => {
        // ssh2 goes on with the next method after trouble with an agent.
        if (error.level === "agent") agentTrouble = error.message;
        else reject((failure = error));
      });
      client.once("close", () => reject(failure ?? new Error("closed by the host")));
      client.connect({
        sock: stream,
        username: userOf(connection),
        authHandler: login.handler,
        algorithms: policy.algorithms === undefined ? undefined : { serverHostKey: policy.algorithms },
        hostVerifier: (key: Buffer) => {
          phase = "handshake";
          refusal = policy.refusal(key);
          return refusal === undefined;
        },
        readyTimeout: 0,
        keepaliveInterval: 0,
      });
      // Only now: ssh2 has paused the stream until it listens itself.
      stream.once("data", hear);
    });
  } catch (error) {
    // Whatever ssh2 still has to say about a connection that is given up must not become an uncaught error.
    client.removeAllListeners().on("error", () => undefined);
    client.destroy();
    if (stop.aborted) throw new Stopped(heard);
    throw refusal ?? classify(connection, error as SshError, phase, { ...proof, agentTrouble });
  } finally {
    stop.removeEventListener("abort", stopped);
    stream.removeListener("data", hear);
  }
  client.removeAllListeners();
  return client;
}

function classify(
  connection: AnyConnection,
  error: SshError,
  phase: "banner" | "handshake" | "login",
  own: Proof & { agentTrouble?: string },
): Failure {
  const cause = error;
  if (error.level === "client-authentication") return own.login.refused(cause, own.agentTrouble);
  // sshd's own word, as in "Too many authentication failures": ssh2 puts the reason's number into `code`.
  if (phase === "login" && typeof error.code === "number") {
    const refused = own.login.refused(cause, own.agentTrouble);
    return new Failure("auth", `${refused.what}; it said: ${error.message}`, refused.next, { cause });
  }
  if (error.message.includes("no matching host key format")) return own.policy.noSuchKey();
  if (error.level === "handshake" && error.message.startsWith("Handshake failed")) {
    const next = "let its sshd offer curve25519-sha256, aes256-gcm and hmac-sha2-256, or newer ones";
    return new Failure("protocol", `no common SSH algorithms (${error.message})`, next, { cause });
  }
  if (phase === "banner" && error.level === undefined && /^(Invalid|Max greeting|Header)/.test(error.message)) {
    const next = `see what listens on port ${portOf(connection)}`;
    return new Failure("unreachable", `no SSH server answers (${error.message})`, next, { cause });
  }
  const when = { banner: "before the SSH handshake", handshake: "during the SSH handshake", login: "during login" }[
    phase
  ];
  const next = `${hints.reach(connection)}; its log tells why sshd hung up (MaxStartups, penalties)`;
  return new Failure("unreachable", `connection closed ${when} (${error.message})`, next, { cause, transient: true });
}
