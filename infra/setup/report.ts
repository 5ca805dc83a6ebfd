/** Prints a lab's report, `node --import tsx infra/setup/report.ts <stack>`; exits 1 when its cluster does not serve. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { answerOf, holds, namesOf, problemsOf, reportText, urlOf, type Service } from "./report-text.js";

const root = join(__dirname, "..", "..");
const client = "client";
const requests = 20;
const run = promisify(execFile);

interface Outputs {
  services?: Service[];
  directors?: unknown;
}

async function outputsOf(stack: string): Promise<Outputs> {
  const argv = [join(root, "infra", "setup", "pulumi.sh"), "stack", "output", "--json", "--stack", stack];
  return JSON.parse((await run("sh", argv, { cwd: root })).stdout) as Outputs;
}

async function exec(stack: string, machine: string, ...command: string[]): Promise<string> {
  const argv = ["run", "--silent", "lab", "--", "exec", stack, machine, ...command];
  return (await run("npm", argv, { cwd: root, maxBuffer: 16 << 20 })).stdout;
}

/** Each request is a connection of its own, since IPVS schedules connections; a framing line follows each page. */
async function ask(stack: string, service: Service): Promise<{ answers: string[]; failures: string[] }> {
  const frame = `--${process.pid}-${Date.now()}--`;
  const script = `
    i=0
    while [ $i -lt ${requests} ]; do
      curl --silent --show-error --fail --max-time 5 '${urlOf(service)}' 2>&1
      printf '\\n%s %s\\n' '${frame}' $?
      i=$((i + 1))
    done`;
  const answers: string[] = [];
  const failures: string[] = [];
  let page = "";
  for (const line of (await exec(stack, client, "sh", "-c", script)).split("\n")) {
    if (!line.startsWith(frame)) {
      page += `${line}\n`;
      continue;
    }
    (line === `${frame} 0` ? answers : failures).push(answerOf(page));
    page = "";
  }
  return { answers, failures };
}

async function main(stack: string | undefined): Promise<void> {
  if (!stack)
    throw new Error("report: a stack must be named, got none. Run node --import tsx infra/setup/report.ts lab-dr.");
  const outputs = await outputsOf(stack);
  const service = outputs.services?.find(({ protocol }) => protocol.toLowerCase() === "tcp");
  const directors = namesOf(outputs.directors);
  if (!service || directors.length === 0) {
    throw new Error(
      `report: stack ${stack} shows no TCP service or no director. Run npm run -s pulumi -- up -s ${stack}.`,
    );
  }
  const held = directors.map(async (name) => holds(await exec(stack, name, "ip", "-json", "address"), service.vip));
  const holding = await Promise.all(held);
  const masters = directors.filter((_, index) => holding[index]);
  const begin = Date.now();
  const { answers, failures } = await ask(stack, service);
  const seconds = (Date.now() - begin) / 1000;
  const table = await exec(stack, masters[0] ?? directors[0]!, "ipvsadm", "-Ln");
  const found = { stack, client, service, masters, answers, failures, table, seconds };
  process.stdout.write(reportText(found));
  for (const problem of problemsOf(found)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

main(process.argv[2]).catch((error: Error & { stderr?: string }) => {
  console.error(error.stderr ? `${error.message}\n${error.stderr}` : error.message);
  process.exitCode = 1;
});
