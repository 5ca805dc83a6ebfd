import { fstatSync } from "node:fs";
import { closeAll } from "../host/pool.js";
import { directorKind } from "./director-kind.js";
import { hostKind } from "./host-kind.js";
import { labMachineKind, labNetworkKind } from "./lab-kinds.js";
import { Server } from "./server.js";
import { verificationKind } from "./verification-kind.js";
import { version } from "../../package.json";

async function main(): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
  const kinds = [hostKind, directorKind, verificationKind, labNetworkKind, labMachineKind];
  const port = await new Server(kinds, engineAddress, version).listen();
  // The engine reads the port from the first line; nothing else may be written to stdout.
  process.stdout.write(`${port}\n`);
}

// The engine ends its plugins by a signal once the run is over.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    // An interrupted engine says so by `cancel` and then waits for what is under way; a terminal's Ctrl-C reaches this
    // process too and must not cut that short.
    if (signal === "SIGTERM") {
      void closeAll();
      process.exit(0);
    }
  });

// A killed engine sends no signal, but its end of our standard input closes; what was sent runs to its end on the hosts.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.resume().on("close", () => process.exit(0));

main().catch((error: unknown) => {
  process.stderr.write(`pulumi-resource-lvs: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
