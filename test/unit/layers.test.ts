import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, test } from "node:test";
import { importsOf, type Import } from "./imports.js";

const root = join(__dirname, "../..");

interface Layer {
  /** Layers that it may import. */
  may: string[];
  /** Layers of which it may import types besides. */
  types?: string[];
  /** Packages of which only this layer and others that name them know. */
  packages?: string[];
}

/** The layers from the top downwards; imports go downwards only. `index` is `infra/index.ts`. */
const layers: Record<string, Layer> = {
  stacks: { may: ["index"] },
  index: { may: ["components", "resources", "spec"] },
  components: { may: ["plan", "render", "resources", "spec"], packages: ["@pulumi/pulumi"] },
  // The vocabulary of a connection stands in one place, with the layer that dials it.
  resources: { may: ["spec", "host"], types: ["plan"], packages: ["@pulumi/pulumi", "@pulumi/command"] },
  status: { may: ["provider", "linux", "host"], types: ["plan"], packages: ["zod"] },
  provider: {
    may: ["linux", "host", "lab"],
    types: ["plan"],
    packages: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"],
  },
  lab: { may: ["linux", "host"] },
  linux: { may: ["host"], types: ["plan"] },
  topology: { may: ["plan", "spec"], packages: ["elkjs"] },
  docs: { may: ["render", "spec"], types: ["plan"] },
  render: { may: ["plan"], types: ["spec"], packages: ["handlebars"] },
  plan: { may: ["spec"] },
  schema: { may: ["spec"], packages: ["zod"] },
  spec: { may: [], packages: ["zod"] },
  host: { may: [], packages: ["ssh2", "ssh-config"] },
  setup: { may: [] },
};
const guarded = new Set(Object.values(layers).flatMap(({ packages = [] }) => packages));

/** The layer of a file given by its path from the root. */
function layerOf(path: string): string | undefined {
  const [top = "", second = ""] = path.split("/");
  if (top === "stacks") return "stacks";
  if (top !== "infra") return undefined;
  return /^index\.[jt]s$/.test(second) ? "index" : second;
}

/** What is wrong with one import; nothing when it is allowed. */
function problem(path: string, { specifier, typeOnly }: Import): string | undefined {
  const from = layerOf(path) ?? "";
  const layer = layers[from];
  if (!layer) return `${path}: is in no layer`;
  if (!specifier.startsWith(".")) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    return guarded.has(name) && !layer.packages?.includes(name) ? `${path}: ${from} may not import ${name}` : undefined;
  }
  const target = normalize(join(dirname(path), specifier));
  // The version, which is nobody's code.
  if (target === "package.json") return undefined;
  const to = layerOf(target);
  const allowed = [from, ...layer.may, ...(typeOnly ? (layer.types ?? []) : [])];
  if (to !== undefined && allowed.includes(to)) return undefined;
  const what = typeOnly ? "not even types of" : "not";
  return `${path}: ${from} may import ${layer.may.join(", ") || "nothing of ours"}, ${what} ${target}`;
}

function problems(path: string, text: string): string[] {
  return importsOf(path, text).flatMap((each) => problem(path, each) ?? []);
}

const sources = ["infra", "stacks"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

describe("layers", () => {
  for (const [name, { may, types = [] }] of Object.entries(layers))
    test(`${name} imports ${[...may, ...types.map((type) => `types of ${type}`)].join(", ") || "nothing of ours"} only`, () => {
      const own = sources.filter((path) => layerOf(path) === name);
      assert.ok(own.length > 0, "there is no such layer");
      assert.deepEqual(
        own.flatMap((path) => problems(path, readFileSync(join(root, path), "utf8"))),
        [],
      );
    });

  test("hold every source file", () => {
    assert.deepEqual(
      sources.filter((path) => !((layerOf(path) ?? "") in layers)),
      [],
    );
  });

  test("stand in an order in which no layer imports one above it", () => {
    const names = Object.keys(layers);
    for (const [name, { may, types = [] }] of Object.entries(layers))
      for (const target of [...may, ...types])
        assert.ok(names.indexOf(target) > names.indexOf(name), `${name} stands above ${target}`);
  });
});

describe("an import upwards is caught", () => {
  const table: [string, string, string | RegExp][] = [
    ["as a plain import", 'import { Pool } from "../provider/batch.js";', "infra/provider/batch.js"],
    ["for its side effects", 'import "../components/lab.js";', "infra/components/lab.js"],
    ["when it is an export", 'export * from "../provider/batch.js";', "infra/provider/batch.js"],
    ["of types", 'import type { Kind } from "../provider/kind.js";', "infra/provider/kind.js"],
    ["inside a type", 'type X = import("../provider/kind.js").Kind;', "infra/provider/kind.js"],
    ["at run time", 'async () => import("../provider/kind.js");', "infra/provider/kind.js"],
    ["by require", 'const x = require("../provider/kind");', "infra/provider/kind"],
    ["by import =", 'import x = require("../provider/kind.js");', "infra/provider/kind.js"],
    ["through the public face", 'import { Lab } from "../index.js";', "infra/index.js"],
    ["out of the program", 'import { x } from "../../test/unit/x.js";', "test/unit/x.js"],
    ["of values where types are allowed", 'import { x, type Y } from "../plan/types.js";', "infra/plan/types.js"],
    ["of a package that another layer hides", 'import * as pulumi from "@pulumi/pulumi";', "@pulumi/pulumi"],
    ["of a part of such a package", 'import { Struct } from "@pulumi/pulumi/proto/x_pb";', "@pulumi/pulumi"],
  ];
  for (const [how, text, target] of table)
    test(how, () => {
      const found = problems("infra/linux/file.ts", text);
      assert.equal(found.length, 1, text);
      assert.ok(found[0]!.endsWith(String(target)), found[0]);
    });

  test("and what is allowed is not", () => {
    const text = [
      'import { Step } from "../host/types.js";',
      'import { known } from "./reading.js";',
      'import type { FileWant } from "../plan/types.js";',
      'import { type FileWant as Same } from "../plan/types.js";',
      'import { readFileSync } from "node:fs";',
      '// import { Pool } from "../provider/batch.js";',
      'const text = `import { Pool } from "../provider/batch.js"`;',
    ].join("\n");
    assert.deepEqual(problems("infra/linux/file.ts", text), []);
  });
  test("in a file beside the layers", () => {
    assert.deepEqual(problems("infra/other/file.ts", 'import "./x.js";'), ["infra/other/file.ts: is in no layer"]);
  });
});
