import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "./command.js";
import { PluginMemory } from "./plugin-memory.js";
import { changedPlan } from "../setup.js";
import type { Phase, Site, Tool } from "./tool.js";
import type { Asked } from "../program.js";

const root = resolve(__dirname, "../../..");
const stack = "bench";

/** This toolkit: the real Pulumi CLI with the plugin of this checkout. */
export const toolkit: Tool = {
  name: "pulumi-lvs",
  async prepare(site) {
    ask(site);
    const parts = ["infra/setup/typescript.cjs", "test/bench/program.ts"].map((path) => join(root, path));
    await newStack(site, parts.map((path) => `require(${JSON.stringify(path)});\n`).join(""));
  },
  phases: [
    phase("first", "set up", ["up"]),
    phase("unchanged", "set up", ["up"]),
    phase("refresh", "set up", ["refresh"]),
    phase("one host changed", "one changed", ["up"], (site) => ask(site, site.all[0]!.name)),
    phase("destroy", "as found", ["destroy"]),
  ],
};

/** A program without a resource. */
export const empty: Tool = {
  name: "empty program",
  prepare: (site) => newStack(site, ""),
  phases: [phase("unchanged", "as found", ["up"])],
};

function phase(name: string, leaves: Phase["leaves"], words: string[], before?: (site: Site) => void): Phase {
  return {
    name,
    leaves,
    async run(site) {
      before?.(site);
      const memory = new PluginMemory(site.folder);
      const { seconds } = await pulumi(site, [...words, "--yes", "--skip-preview"]);
      const pluginMB = memory.stop();
      return { seconds, ...(pluginMB > 0 && { pluginMB }) };
    },
    stateKB: async (site) => (await pulumi(site, ["stack", "export"])).output.length / 1000,
  };
}

/** Writes down what the program is to ask for; `changed` is a host that is to be a little different. */
function ask({ folder, all, plan, hosts }: Site, changed?: string): void {
  const asked: Asked = {
    hosts: all.map(({ name, address, hostKey }) => ({
      name,
      connection: { host: address, hostKey, privateKey: hosts.login.privateKey },
    })),
    plans: Object.fromEntries(all.map(({ name }) => [name, name === changed ? changedPlan(plan) : plan])),
  };
  writeFileSync(join(folder, "asked.json"), JSON.stringify(asked), { mode: 0o600 });
}

/** A project with a state of its own; only program and plugin are the checkout's. */
async function newStack(site: Site, program: string): Promise<void> {
  const project = [
    "name: lvs-bench",
    "runtime:",
    "  name: nodejs",
    "  options:",
    "    typescript: false",
    "plugins:",
    "  providers:",
    "    - name: lvs",
    `      path: ${join(root, "infra/provider")}`,
    "",
  ];
  writeFileSync(join(site.folder, "Pulumi.yaml"), project.join("\n"));
  writeFileSync(join(site.folder, "index.js"), program);
  symlinkSync(join(root, "node_modules"), join(site.folder, "node_modules"));
  mkdirSync(join(site.folder, "state"));
  await pulumi(site, ["stack", "init", "--no-select"]);
}

function pulumi({ hosts, folder }: Site, words: string[]) {
  const argv = ["sh", join(root, "infra/setup/pulumi.sh"), "--non-interactive", ...words, "--stack", stack];
  const env = {
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    BENCH_ASKED: join(folder, "asked.json"),
  };
  return command(hosts.within(argv), { cwd: folder, env });
}
