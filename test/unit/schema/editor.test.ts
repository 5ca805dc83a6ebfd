import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isScalar, parseDocument, isMap, isPair, visit } from "yaml";
import { TextDocument } from "vscode-languageserver-textdocument";
import { getLanguageService, type Diagnostic } from "yaml-language-server";
import { formatPath } from "../../../infra/spec/path.js";
import { badFiles } from "./cases.js";
import { complaintsOf } from "./complaints.js";

// The server of the editors itself, which finds the schema by the comment in the file.
const service = getLanguageService({
  schemaRequestService: async (uri) => readFileSync(fileURLToPath(uri), "utf8"),
  workspaceContext: { resolveRelativePath: (relative, base) => new URL(relative, base).href },
});
service.configure({ validate: true, hover: true, completion: true });

const stacks = pathToFileURL(join(__dirname, "../../../stacks")).href;
const comment = "# yaml-language-server: $schema=../docs/stack-file.schema.json\n";
let count = 0;

function open(yaml: string): TextDocument {
  count += 1;
  return TextDocument.create(`${stacks}/Pulumi.test-${count}.yaml`, "yaml", 1, comment + yaml);
}

/** Paths of a stack file, by the offset at which their key, their item or their value begins. */
function pathsOf(text: string): Map<number, string[]> {
  const paths = new Map<number, string[]>();
  const add = (offset: number | undefined, path: string): void => {
    if (offset !== undefined) paths.set(offset, [...(paths.get(offset) ?? []), path]);
  };
  visit(parseDocument(text), {
    Node(key, node, ancestors) {
      const steps = [...ancestors, node].flatMap((each, index, all): PropertyKey[] => {
        const next = all[index + 1];
        if (isPair(each) && isScalar(each.key)) return [String(each.key.value)];
        return next !== undefined && "items" in each && !isMap(each) && Array.isArray(each.items)
          ? [each.items.indexOf(next)]
          : [];
      });
      const [, section, ...path] = steps;
      if (section !== undefined) add(node.range?.[0], formatPath([String(section).replace("lvs:", ""), ...path]));
    },
  });
  return paths;
}

async function flagged(yaml: string): Promise<{ message: string; paths: string[] }[]> {
  const document = open(yaml);
  const paths = pathsOf(document.getText());
  const diagnostics: Diagnostic[] = await service.doValidation(document, false);
  return diagnostics.map(({ message, range }) => {
    assert.equal(typeof message, "string");
    return { message: String(message), paths: paths.get(document.offsetAt(range.start)) ?? [] };
  });
}

describe("an editor flags, at the place and in the words of the JSON Schema,", () => {
  for (const { title, stackFile, yaml } of badFiles)
    test(title, async () => {
      const said = await flagged(yaml);
      const wanted = complaintsOf(stackFile);
      const words = (list: { message: string }[]) => [...new Set(list.map(({ message }) => message))].sort();
      assert.deepEqual(words(said), words(wanted));
      for (const { path, message } of wanted) {
        // What is missing has no place: it is asked for at the object that it belongs to.
        const place = message.includes(", got nothing. ") ? path.replace(/\.[^.]*$/, "") : path;
        assert.ok(
          said.some((each) => each.message === message && each.paths.includes(place)),
          `${place} in ${JSON.stringify(said)}`,
        );
      }
    });
});

/** What an editor offers at the end of a stack file with these lines under `config`. */
async function offered(...lines: string[]): Promise<string[]> {
  const document = open(["config:", ...lines.map((line) => `  ${line}`)].join("\n"));
  const { items } = await service.doComplete(document, document.positionAt(document.getText().length), false);
  return items.map(({ label }) => label);
}

describe("an editor completes", () => {
  const offers = (title: string, lines: string[], fields: string[], others: string[]) =>
    test(title, async () => {
      const labels = await offered(...lines);
      const wrong = [
        ...fields.filter((field) => !labels.includes(field)),
        ...others.filter((field) => labels.includes(field)),
      ];
      assert.deepEqual(wrong, [], labels.join());
    });

  void offers(
    "the fields of a check, and those of its type only",
    ["lvs:cluster:", "  services:", "    - vip: 192.0.2.1", "      check:", "        type: smtp", "        "],
    ["heloName", "port", "connectTimeout", "delayLoop"],
    ["digest", "queryName", "vip", "type"],
  );
  void offers("the parts of a stack file", [""], ["lvs:cluster", "lvs:layers", "lvs:lab"], ["forwarding"]);
  void offers(
    "the fields of LVS, and the one that makes it a proxy",
    ["lvs:cluster:", "  "],
    ["forwarding", "engine"],
    ["healthPort"],
  );
  void offers(
    "the fields of proxies where there is an engine",
    ["lvs:cluster:", "  engine: nginx", "  "],
    ["healthPort", "maxConnections"],
    ["forwarding", "engine"],
  );
  void offers("the engines", ["lvs:cluster:", "  engine: "], ["nginx", "haproxy"], []);
  void offers(
    "the fields of a layer",
    ["lvs:layers:", "  front:", "    engine: nginx", "    realServers:", "      "],
    ["layer"],
    ["weight", "forwarding"],
  );
});

test("an editor shows what a field means and becomes", async () => {
  const document = open("config:\n  lvs:cluster:\n    vrrp:\n      advertInterval: 1\n");
  const hover = await service.doHover(document, document.positionAt(document.getText().indexOf("advertInterval")));
  const text = JSON.stringify(hover?.contents);
  assert.match(text, /Seconds between two advertisements\./);
  assert.match(text, /Becomes: `advert_int`\./);
});

test("an editor shows what a field of a proxy means and becomes", async () => {
  const document = open("config:\n  lvs:layers:\n    back:\n      engine: nginx\n      drainTimeout: 60\n");
  const hover = await service.doHover(document, document.positionAt(document.getText().indexOf("drainTimeout")));
  assert.match(
    JSON.stringify(hover?.contents),
    /Becomes: nginx: `worker_shutdown_timeout`; haproxy: `hard-stop-after`\./,
  );
});
