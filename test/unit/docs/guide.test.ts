import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { causes, readGuide, unsaid } from "../../lab/support/guide.js";

const TEXT = `# Guide

## It is slow

### The cable

It is old.

\`\`\`console
rs1# ip link
2: ens32: …
$ npm run -s status -- lab-dr
\`\`\`

Remedy: a new one.

\`\`\`yaml
cable: new
\`\`\`

\`\`\`console
$ npm run -s pulumi -- up -s lab-dr
\`\`\`

## It is loud
`;

describe("a guide by symptom", () => {
  test("is read as causes, each with what shows it and what mends it", () => {
    assert.deepEqual(causes(TEXT), [
      {
        title: "The cable",
        shows: [
          { machine: "rs1", command: "ip link", says: ["2: ens32: …"] },
          { machine: undefined, command: "npm run -s status -- lab-dr", says: [] },
        ],
        remedy: [
          { edit: "cable: new\n" },
          { machine: undefined, command: "npm run -s pulumi -- up -s lab-dr", says: [] },
        ],
      },
    ]);
    assert.throws(() => causes(TEXT.replace("Remedy:", "Perhaps")), /"The cable" must have a line "Remedy: …"/);
    assert.throws(() => causes(TEXT.replace("rs1# ip", "ip")), /must begin with a prompt, got "ip link"/);
  });

  test("is wrong when a quoted line is not said, or not after the one before it", () => {
    const said = "a  1 (x)\nb 2\n  c 3\n";
    assert.equal(unsaid(["a 1 (x)", "c …"], said), undefined);
    assert.equal(unsaid(["c 3", "b 2"], said), "b 2");
    assert.equal(unsaid(["a 1"], said), "a 1");
    assert.equal(unsaid(["a 1 .x."], said), "a 1 .x.");
  });

  test("quotes what is said of every cause", () => {
    const silent = [...readGuide().values()].filter(({ shows }) => shows.every(({ says }) => says.length === 0));
    assert.deepEqual(
      silent.map(({ title }) => title),
      [],
    );
  });
});
