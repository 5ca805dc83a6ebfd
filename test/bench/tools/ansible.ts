import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.js";
import type { Tool } from "./tool.js";

/** ansible-core with pipelining and 50 forks; facts are not gathered, as nothing here needs them. */
export function ansible(bin: string): Tool {
  return {
    name: "Ansible",
    async prepare({ folder, hosts, all, wanted }) {
      const lines = all.map(({ name, address }) => `${name} ansible_host=${address}`);
      writeFileSync(join(folder, "inventory"), `${lines.join("\n")}\n`);
      writeFileSync(join(folder, "wanted.json"), JSON.stringify({ wanted }));
      const config = [
        "[defaults]",
        "inventory = inventory",
        "forks = 50",
        "remote_user = root",
        `private_key_file = ${hosts.loginFile}`,
        "interpreter_python = /usr/bin/python3",
        "local_tmp = tmp",
        "[ssh_connection]",
        "pipelining = true",
        // Its own defaults, and our known hosts.
        `ssh_args = -F none -C -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${hosts.knownHosts}`,
        "control_path_dir = cp",
      ];
      writeFileSync(join(folder, "ansible.cfg"), `${config.join("\n")}\n`);
    },
    phases: ["first", "unchanged"].map((name) => ({
      name,
      leaves: "set up",
      async run({ folder, hosts }) {
        const book = join(__dirname, "ansible.yml");
        const env = { ANSIBLE_CONFIG: join(folder, "ansible.cfg"), LC_ALL: "C.UTF-8" };
        const argv = [join(bin, "ansible-playbook"), "--extra-vars", "@wanted.json", book];
        const { seconds } = await command(hosts.within(argv), { cwd: folder, env });
        // The connections that it keeps for a minute would spare the next run its handshakes.
        await command(
          ["sh", "-c", 'for s in cp/*; do [ ! -S "$s" ] || ssh -F none -o ControlPath="$s" -O exit x; done'],
          {
            cwd: folder,
          },
        );
        return { seconds };
      },
    })),
  };
}
