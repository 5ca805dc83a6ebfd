import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { accessSync, constants, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

const root = join(__dirname, "..", "..");

/** A user's own Pulumi project: `test/example` with the packed package installed into it, outside the checkout. */
describe("a Pulumi project of one's own that uses the packed package", { timeout: 300_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "lvs-example-"));
  const project = join(home, "project");
  const installed = join(project, "node_modules", "pulumi-lvs");
  const env = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of its own",
    NO_COLOR: "1",
  };

  /** What a command prints; throws with all of it when it fails. */
  function run(argv: string[], cwd = project): string {
    const [file = "", ...rest] = argv;
    try {
      return execFileSync(file, rest, { cwd, env, encoding: "utf8", stdio: "pipe", maxBuffer: 64 << 20 });
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${argv.join(" ")}: must succeed, got:\n${stdout}\n${stderr}`, { cause: error });
    }
  }

  const pulumi = (...argv: string[]) =>
    run(["sh", join(root, "infra/setup/pulumi.sh"), "--non-interactive", "--color=never", ...argv]);

  before(() => {
    cpSync(join(root, "test/example"), project, { recursive: true });
    run(["npm", "pack", "--silent", "--pack-destination", project], root);
    run(["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]);
    pulumi("stack", "init", "test");
    const settings = ["webServers.web1=192.0.2.21", "webServers.web2=192.0.2.22"].flatMap((each) => [
      "--plaintext",
      each,
    ]);
    const secrets = ["vrrpPassword=s3cr3t", "privateKey=not dialled at preview"].flatMap((each) => ["--secret", each]);
    pulumi("config", "set-all", "--stack", "test", "--path", ...settings, ...secrets);
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  test("the package holds the compiled code, the templates and the docs, and neither sources nor tests", () => {
    assert.deepEqual(readdirSync(installed).sort(), [
      "LICENSE",
      "README.md",
      "dist",
      "docs",
      "package.json",
      "templates",
    ]);
    assert.equal(existsSync(join(installed, "dist/test")), false);
    accessSync(join(installed, "dist/infra/provider/pulumi-resource-lvs"), constants.X_OK);
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts")),
      [],
    );
  });

  test("its program passes the type checker with the package's declarations", () => {
    run([process.execPath, join(project, "node_modules/typescript/bin/tsc"), "-p", "."]);
  });

  test("preview shows each host by its name and what is on it, through the packed provider", () => {
    const shown = pulumi("preview", "--diff", "--stack", "test");
    const created = [...shown.matchAll(/\+ lvs:index:(\w+): \(create\)\s+\[urn=\S+::(\S+)\]/g)].map(
      ([, type, name]) => `${type} ${name}`,
    );
    assert.deepEqual(created.sort(), [
      "Director web-lb1-serving",
      "Director web-lb2-serving",
      "DirectorPair web",
      "Host web-lb1",
      "Host web-lb2",
      "Host web-web1",
      "Host web-web2",
      "LvsCluster web",
      "RealServerPool web",
      "Verification web-verification",
    ]);
    assert.match(shown, /lo 192\.0\.2\.100\/32/);
    assert.match(shown, /net\.ipv4\.conf\.eth0\.arp_ignore +: "1"/);
    assert.match(shown, /ip_vs_wrr: "loaded"/);
    assert.match(shown, /^ +\+ 11 to create$/m);
    assert.doesNotMatch(shown, /s3cr3t|not dialled/);
  });

  test("a lab from the package starts from the same image as one from the checkout", () => {
    const path = (folder: string) => run(["sh", join(folder, "infra/setup/image.sh"), "--path"]);
    assert.equal(path(join(installed, "dist")), path(root));
  });
});
