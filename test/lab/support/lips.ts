import assert from "node:assert/strict";
import type { Scene } from "./life.js";

/** Under FULLNAT replies pass the director, and each real server of the lab's stack sees one of its LIPs as client. */
export async function lipsAreSeen(scene: Scene): Promise<void> {
  await scene.repliesPassDirector(8);
  for (const server of scene.realServers) {
    const log = "/var/log/nginx/access.log";
    await server.succeed(`: >${log}`);
    await scene.pages(4);
    const clients = (await server.succeed(`cut -d ' ' -f 1 ${log} | sort -u`)).trim().split("\n");
    // Checks come from the directors' own addresses.
    const others = clients.filter((address) => !/^172\.16\.30\.1[12]$/.test(address));
    assert.ok(others.length > 0 && others.every((address) => /^172\.16\.30\.20[01]$/.test(address)), clients.join());
  }
}
