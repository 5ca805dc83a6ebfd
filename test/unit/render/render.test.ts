import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { renderTemplate } from "../../../infra/render/index.js";
import { templatesFolder } from "../../../infra/render/templates.js";

test("a rendered file says who wrote it, for which cluster and from which template", () => {
  const text = renderTemplate("/etc/modules-load.d/pulumi-lvs.conf", { cluster: "web", modules: ["ip_vs"] });
  assert.equal(
    text,
    "# Written by pulumi-lvs for cluster web; do not edit: `pulumi up` puts it back. Template: etc/modules-load.d/pulumi-lvs.conf.hbs\nip_vs\n",
  );
});

test("the same context gives the same text", () => {
  const context = { cluster: "web", vips: ["ens32 192.0.2.1/24"] };
  assert.equal(renderTemplate("/etc/pulumi-lvs/vips", context), renderTemplate("/etc/pulumi-lvs/vips", { ...context }));
});

test("a value is written as it is, without HTML escapes", () => {
  const text = renderTemplate("/etc/modules-load.d/pulumi-lvs.conf", { cluster: "a&b", modules: ["<x>='y'"] });
  assert.match(text, /for cluster a&b;/);
  assert.match(text, /^<x>='y'$/m);
});

test("a value that the context does not have is an error, not an empty place", () => {
  assert.throws(
    () => renderTemplate("/etc/sysctl.d/90-pulumi-lvs.conf", { cluster: "web", groups: [{ entries: [] }] }),
    /"why" not defined/,
  );
});

test("a template that does not exist is an error that names it", () => {
  assert.throws(() => renderTemplate("/etc/nothing", { cluster: "web" }), /etc\/nothing\.hbs/);
});

test("templates are found from the checkout and from an installed package", () => {
  const root = mkdtempSync(join(tmpdir(), "lvs-templates-"));
  try {
    const compiled = join(root, "dist/infra/render");
    mkdirSync(compiled, { recursive: true });
    mkdirSync(join(root, "templates"));
    // A folder of that name without a package beside it is somebody else's.
    mkdirSync(join(root, "dist/templates"));
    writeFileSync(join(root, "package.json"), "{}");
    assert.equal(templatesFolder(compiled), join(root, "templates"));
    assert.ok(readdirSync(templatesFolder()).includes("etc"));
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a place without templates above it is an error with a next step", () => {
  const root = mkdtempSync(join(tmpdir(), "lvs-templates-"));
  try {
    assert.throws(() => templatesFolder(root), /Reinstall pulumi-lvs/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
