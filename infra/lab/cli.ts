import { spawn } from "node:child_process";
import { clean } from "./clean.js";
import { pickEngine } from "./engine-pick.js";
import { LabError } from "./errors.js";
import { listLabIds, readLab } from "./inventory.js";
import { blockMachine, crashMachine, requireMachine, startMachine, unblockMachine } from "./machine.js";
import { belongsTo, labId, stackOf } from "./names.js";
import { overview, type LabSummary } from "./overview.js";
import { projectRoot } from "./paths.js";
import { sshArgv } from "./ssh.js";

const HELP = `Usage: npm run -s lab -- <command>

  list [--json]                      labs of this host and their machines
  exec <stack> <machine> <word…>     run a command there; input, output and exit status are passed through
  ssh <stack> <machine>              a login shell there
  crash <stack> <machine>            end the machine like a power cut
  start <stack> <machine>            boot a stopped machine from its disk
  block|unblock <stack> <machine>    cut or connect its service links; management stays
  engine                             what would run new machines here, and why not KVM
  clean [<stack>] [--all]            remove everything of this project's labs (--all: of other projects too)

Each word of exec stays one word: for a pipe give  sh -c 'ip address | grep ens32'.
`;

const root = projectRoot();

async function findLab(stack: string): Promise<string> {
  const id = labId(stack, root);
  if ((await readLab(id)) !== undefined) return id;
  const ids = await listLabIds();
  const known = ids.filter((each) => belongsTo(each, root)).map(stackOf);
  const elsewhere = ids.some((each) => stackOf(each) === stack) ? " (one of that name belongs to another project)" : "";
  throw new LabError(
    `stack ${stack}: no lab of that name in ${root}${elsewhere}, only: ${known.join(", ") || "none"}. ` +
      `Create it: npm run -s pulumi -- up -s ${stack}`,
  );
}

/** Runs a program with this command's own input and output; gives its exit status. */
function passThrough(argv: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const [file = "", ...rest] = argv;
    const child = spawn(file, rest, { stdio: "inherit" });
    // The terminal sends these to the whole group; ssh decides what they mean.
    for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => undefined);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 255));
  });
}

async function remote(stack: string, name: string, words: string[], terminal: boolean): Promise<number> {
  const id = await findLab(stack);
  const { managementAddress } = await requireMachine(id, name);
  return passThrough(sshArgv(id, managementAddress, words, { terminal }));
}

function printLab(lab: LabSummary): string {
  const owner = lab.own ? "" : `  (of ${lab.root ?? "another project"})`;
  const head = `${lab.stack ?? lab.id}${owner}${lab.broken ? `  broken: ${lab.broken}` : `  segments ${lab.segments?.join(", ")}`}`;
  const lines = lab.machines.map((machine) => {
    const state = machine.blocked ? `${machine.state}, blocked` : machine.state;
    const nics = Object.entries(machine.nics ?? {}).filter(([, nic]) => nic.segment !== undefined);
    const addresses = nics.map(([nic, { segment, addresses }]) => `${nic}@${segment} ${addresses.join(" ")}`);
    return `  ${machine.name.padEnd(14)} ${state.padEnd(17)} ${(machine.address ?? "").padEnd(15)} ${addresses.join(", ")}`;
  });
  return [head, ...lines].join("\n");
}

function progress(message: string): void {
  process.stderr.write(`${message}\n`);
}

type Command = (args: string[]) => Promise<number>;

function onMachine(usage: string, action: (id: string, machine: string) => Promise<unknown>): Command {
  return async ([stack, machine, ...rest]) => {
    if (stack === undefined || machine === undefined || rest.length > 0) return wrongUse(usage);
    await action(await findLab(stack), machine);
    return 0;
  };
}

function wrongUse(usage: string): number {
  process.stderr.write(`Usage: npm run -s lab -- ${usage}\n`);
  return 2;
}

const commands: Record<string, Command> = {
  async list(args) {
    if (args.some((arg) => arg !== "--json")) return wrongUse("list [--json]");
    const labs = await overview(root);
    const text = args.includes("--json") ? JSON.stringify(labs, null, 2) : labs.map(printLab).join("\n\n") || "no labs";
    process.stdout.write(`${text}\n`);
    return 0;
  },
  async exec([stack, machine, ...words]) {
    if (words[0] === "--") words.shift();
    if (stack === undefined || machine === undefined || words.length === 0) {
      return wrongUse("exec <stack> <machine> <word…>");
    }
    return remote(stack, machine, words, process.stdin.isTTY && process.stdout.isTTY);
  },
  async ssh([stack, machine, ...rest]) {
    if (stack === undefined || machine === undefined || rest.length > 0) return wrongUse("ssh <stack> <machine>");
    return remote(stack, machine, [], process.stdin.isTTY);
  },
  crash: onMachine("crash <stack> <machine>", crashMachine),
  start: onMachine("start <stack> <machine>", (id, machine) => startMachine(id, machine, { progress })),
  block: onMachine("block <stack> <machine>", blockMachine),
  unblock: onMachine("unblock <stack> <machine>", unblockMachine),
  async engine(args) {
    if (args.length > 0) return wrongUse("engine");
    const { engine, note } = await pickEngine(undefined);
    // For a person; a script that takes the name has asked for no more.
    if (note !== undefined && process.stdout.isTTY) progress(note);
    process.stdout.write(`${engine.name}\n`);
    return 0;
  },
  async clean(args) {
    const [stack, ...rest] = args.filter((arg) => arg !== "--all");
    if (rest.length > 0 || stack?.startsWith("-")) return wrongUse("clean [<stack>] [--all]");
    const removed = await clean({ root, stack, all: args.includes("--all") });
    process.stdout.write(removed.length > 0 ? `removed ${removed.join(", ")}\n` : "nothing to remove\n");
    return 0;
  },
};

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`lab: no command "${name}". Known: ${Object.keys(commands).join(", ")}.\n`);
    return 2;
  }
  return command(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (cause: unknown) => {
    process.stderr.write(
      `lab: ${cause instanceof LabError ? cause.message : String((cause as Error).stack ?? cause)}\n`,
    );
    process.exitCode = 1;
  },
);
