import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { parseCluster, SpecError } from "../../../infra/spec/index.js";

const root = join(__dirname, "../../..");
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (page: string): string => readFileSync(join(root, page), "utf8");
/** Code blocks of a language. */
const blocks = (page: string, language: string): string[] =>
  [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, text]) => text!);

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the documentation", () => {
  for (const page of pages) {
    test(`${page} links to pages and headings that are there`, () => {
      const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
      const broken = links
        .filter((target) => !target.startsWith("https://"))
        .filter((target) => {
          const [path, anchor] = target.split("#");
          const file = path === "" ? page : relative(root, join(root, dirname(page), path!));
          return !existsSync(join(root, file)) || (anchor !== undefined && !anchors(file).includes(anchor));
        });
      assert.deepEqual(broken, []);
    });

    test(`${page} names scripts that package.json has`, () => {
      const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
      const named = [...textOf(page).matchAll(/npm run (?:-s )?([a-z]+)/g)].map(([, script]) => script!);
      assert.deepEqual(
        named.filter((script) => !(script in scripts)),
        [],
      );
    });
  }

  for (const page of ["README.md", "docs/real-stack.md"]) {
    test(`the stack file of ${page} has no problem`, () => {
      const [yaml] = blocks(page, "yaml");
      const { config } = parse(yaml!) as { config: { "lvs:cluster": { vrrp: { authPass?: unknown } } } };
      const cluster = config["lvs:cluster"];
      // Pulumi puts the clear text in the place of an encrypted value before the program sees it.
      if (cluster.vrrp.authPass !== undefined) cluster.vrrp.authPass = "1111";
      const result = parseCluster(cluster);
      if ("problems" in result) throw new SpecError(result.problems);
      assert.equal(result.cluster.realServers.length, 2);
    });
  }

  test("the program of docs/typescript.md is the example that is under test", () => {
    assert.deepEqual(blocks("docs/typescript.md", "ts"), [textOf("test/example/index.ts")]);
    assert.ok(
      textOf("test/example/Pulumi.yaml").endsWith(
        blocks("docs/typescript.md", "yaml")[0]!.split("\n").slice(1).join("\n"),
      ),
    );
  });

  test("docs/dependencies.md has every package and no other", () => {
    const manifest = JSON.parse(textOf("package.json")) as Record<string, Record<string, string>>;
    const wanted = ["dependencies", "devDependencies", "peerDependencies"].flatMap((kind) =>
      Object.keys(manifest[kind]!),
    );
    const rows = textOf("docs/dependencies.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    const named = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
    const covered = (name: string) =>
      named.includes(name) || (name.startsWith("@types/") && named.includes("@types/*"));
    assert.deepEqual(
      wanted.filter((name) => !covered(name)),
      [],
    );
    assert.deepEqual(
      named.filter((name) => name !== "@types/*" && !wanted.includes(name)),
      [],
    );
  });
});
