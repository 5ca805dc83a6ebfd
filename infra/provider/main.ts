import { fstatSync } from "node:fs";
import { closeAll } from "../host/pool.js";
import { directorKind } from "./director-kind.js";
import { hostKind } from "./host-kind.js";
import { hostNetworkKind } from "./host-network-kind.js";
import { labMachineKind, labNetworkKind } from "./lab-kinds.js";
import { proxyKind } from "./proxy-kind.js";
import { Server } from "./server.js";
import { verificationKind } from "./verification-kind.js";
import { version } from "../../package.json";

async function main(): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
  const kinds = [hostKind, hostNetworkKind, directorKind, proxyKind, verificationKind, labNetworkKind, labMachineKind];
  const server = new Server(kinds, engineAddress, version);
  const exit = () => {
    void closeAll();
    process.exit(0);
  };
  process.on("SIGTERM", exit);
  // The engine ends its plugins by this one and waits 5 s for it. A terminal's Ctrl-C stays with the engine, whose plugins
  // have process groups of their own; were it to come all the same, it must not cut short what is under way.
  process.on("SIGINT", () => void server.close().then(exit));
  const port = await server.listen();
  // The engine reads the port from the first line; nothing else may be written to stdout.
  process.stdout.write(`${port}\n`);
}

// A killed engine sends no signal, but its end of our standard input closes; what was sent runs to its end on the hosts.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.resume().on("close", () => process.exit(0));

main().catch((error: unknown) => {
  process.stderr.write(`pulumi-resource-lvs: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
