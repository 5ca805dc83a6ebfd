import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.js";
import type { Tool } from "./tool.js";

/** pyinfra as it comes. */
export function pyinfra(bin: string): Tool {
  return {
    name: "pyinfra",
    async prepare({ folder, hosts, all, wanted }) {
      writeFileSync(join(folder, "wanted.json"), JSON.stringify(wanted));
      const entries = all.map(({ name, address }) => [name, { ssh_hostname: address }]);
      const data = {
        ssh_user: "root",
        ssh_key: hosts.loginFile,
        ssh_known_hosts_file: hosts.knownHosts,
        ssh_strict_host_key_checking: "yes",
      };
      // A literal of JSON without true, false and null is one of Python.
      writeFileSync(
        join(folder, "inventory.py"),
        `hosts = ([tuple(each) for each in ${JSON.stringify(entries)}], ${JSON.stringify(data)})\n`,
      );
    },
    phases: ["first", "unchanged"].map((name) => ({
      name,
      leaves: "set up",
      async run({ folder, hosts }) {
        const env = { BENCH_WANTED: join(folder, "wanted.json"), LC_ALL: "C.UTF-8" };
        const argv = [join(bin, "pyinfra"), "--yes", "inventory.py", join(__dirname, "deploy.py")];
        const { seconds } = await command(hosts.within(argv), { cwd: folder, env });
        return { seconds };
      },
    })),
  };
}
