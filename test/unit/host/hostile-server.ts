import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { Server, type Connection as Session, type ServerChannel } from "ssh2";
import type { Connection } from "../../../infra/host/types.js";
import { generateKeyPair } from "../../../infra/lab/keys.js";

/** What a server does with a shell that is asked for; the script of the batch comes over `channel`. */
export type Behaviour = (channel: ServerChannel, command: string, session: Session) => void;

/** An SSH server of this process that lets everybody in and then does as it likes: no real sshd can misbehave so. */
export interface HostileServer {
  connection: Connection;
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

/** `banner` is shown before the login. */
export async function hostileServer(options: { banner?: string } = {}): Promise<HostileServer> {
  // Not ssh2's own generator: one of 400 of its keys is malformed, and ssh2 does not read it back.
  const key = generateKeyPair();
  let behaviour: Behaviour = (channel) => void channel.end();
  const sessions = new Set<Session>();
  const server = new Server({ hostKeys: [key.privateKey], ...options }, (session) => {
    sessions.add(session);
    session.on("error", () => undefined).on("close", () => sessions.delete(session));
    session.on("authentication", (context) => context.accept());
    session.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on("error", () => undefined);
        behaviour(channel, command, session);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    connection: {
      host: "127.0.0.1",
      port,
      user: "root",
      password: "canary-password-of-the-host",
      hostKey: key.publicKey,
      dialErrorLimit: 1,
      perDialTimeout: 5,
    },
    behave: (next) => (behaviour = next),
    stop: async () => {
      for (const session of sessions) session.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The mark of a batch's frames, from its script or its command. */
export function nonceOf(text: string): string | undefined {
  return /\bn=([0-9a-f]{32})\n/.exec(text)?.[1];
}

/** Waits for the whole script, then answers; `nonce` is the batch's own. */
export function answering(answer: (nonce: string, channel: ServerChannel, session: Session) => void): Behaviour {
  return (channel, _command, session) => {
    let script = "";
    channel.on("data", (chunk: Buffer) => {
      const before = nonceOf(script);
      script += chunk.toString("latin1");
      const nonce = nonceOf(script);
      if (before === undefined && nonce !== undefined) setImmediate(() => answer(nonce, channel, session));
    });
  };
}

/** The TCP connection under a session. */
export function socketOf(session: Session): Socket {
  return (session as unknown as { _sock: Socket })._sock;
}
