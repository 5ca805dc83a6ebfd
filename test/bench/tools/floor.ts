import { setUpScript } from "../setup.js";
import { command } from "./command.js";
import type { Tool } from "./tool.js";

/** The bare floor: OpenSSH's own client once per host, all at once, with one script. */
export const floor: Tool = {
  name: "floor",
  async prepare() {},
  phases: ["first", "unchanged"].map((name) => ({
    name,
    leaves: "set up",
    async run({ hosts, all, wanted }) {
      const input = setUpScript(wanted);
      const options = ["-F", "none", "-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${hosts.knownHosts}`];
      const begin = process.hrtime.bigint();
      await Promise.all(
        all.map(({ address }) =>
          command(hosts.within(["ssh", ...options, "-i", hosts.loginFile, `root@${address}`, "/bin/sh"]), { input }),
        ),
      );
      return { seconds: Number(process.hrtime.bigint() - begin) / 1e9 };
    },
  })),
};
