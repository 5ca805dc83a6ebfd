import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type ServerHttp2Session } from "node:http2";
import { test } from "node:test";
import { Server } from "../../../infra/provider/server.js";

/** Where grpc-js keeps its side of the connections. */
interface Inside {
  server: { sessions: Map<ServerHttp2Session, unknown> };
}

test("the provider's server is closed at once while the engine's connection ends: the engine would wait 5 s for it", async () => {
  const server = new Server([], "", "0.0.0");
  const engine = connect(`http://127.0.0.1:${await server.listen()}`);
  await once(engine, "remoteSettings");
  const { sessions } = (server as unknown as Inside).server;
  assert.equal(sessions.size, 1);
  // As the engine's hanging up leaves it for a moment: gone, and not yet said to be. A callback of its close() is never called.
  for (const session of sessions.keys()) session.destroy();
  const ended = server.close().then(() => "closed");
  const later = new Promise((resolve) => setTimeout(resolve, 1000, "open").unref());
  assert.equal(await Promise.race([ended, later]), "closed");
  engine.destroy();
});
