// npm run build: compiles infra/ to dist/infra and copies what the compiled code reads at run time.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const infra = join(root, "infra");
const dist = join(root, "dist");

/** What a lab outside a checkout needs of this folder; all else in it prepares a checkout. */
const setUp = ["image.sh", "image-kind.sh", "image"];

function compile() {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  if (!existsSync(tsc)) throw new Error("build: typescript is missing. Run npm ci.");
  rmSync(dist, { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(here, "tsconfig.build.json")], { stdio: "inherit" });
  if (status !== 0) throw new Error("build: tsc found errors, see above. Correct them, then run npm run build again.");
}

/** Scripts, the plugin's executable, the image's recipe: everything beside the TypeScript, with its mode. */
function copyAssets() {
  cpSync(infra, join(dist, "infra"), {
    recursive: true,
    filter(source) {
      const [top, next] = relative(infra, source).split("/");
      if (top === "schema") return false;
      if (top === "setup" && next !== undefined && !setUp.includes(next)) return false;
      return !basename(source).endsWith(".ts");
    },
  });
  // npm keeps this bit in the package, and the engine runs the file as a program.
  chmodSync(join(dist, "infra", "provider", "pulumi-resource-lvs"), 0o755);
}

try {
  compile();
  copyAssets();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
