import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fill, fillFiles, hide } from "../../../infra/provider/secrets.js";

const template = `global_defs {
  router_id a
}
vrrp_instance VI_1 {
  priority 100
  authentication {
    auth_type PASS
    auth_pass \${secret:auth_pass}
  }
}
`;
const secrets = { auth_pass: "s3cr3t$&" };
const real = fill(template, secrets);

describe("a file on its way to the host", () => {
  test("has secrets in place of placeholders, whatever signs they hold", () => {
    assert.match(real, /^ {4}auth_pass s3cr3t\$&$/m);
    assert.equal(fill("${secret:a}-${secret:b}-${secret:a}", { a: "$1", b: "${secret:a}" }), "$1-${secret:a}-$1");
  });
  test("may have none", () => {
    assert.equal(fill("plain $x ${y}\n", {}), "plain $x ${y}\n");
  });
  test("is not written with a placeholder left in it", () => {
    assert.throws(() => fill(template, {}), /^Error: secrets\.auth_pass: .*Set it\.$/);
  });
  test("keeps its mode and owner", () => {
    const file = { content: "p=${secret:p}", mode: "0640", owner: "root", group: "adm" };
    assert.deepEqual(fillFiles({ "/etc/x": file }, { p: "q" }), { "/etc/x": { ...file, content: "p=q" } });
  });
});

describe("a file on its way back", () => {
  test("is the template again where nothing was changed", () => {
    assert.equal(hide(real, template, secrets), template);
  });
  test("shows what was changed, without the password", () => {
    const shown = hide(real.replace("priority 100", "priority 101"), template, secrets);
    assert.equal(shown, template.replace("priority 100", "priority 101"));
  });
  test("keeps an indentation that was changed, without the password", () => {
    const shown = hide(real.replace("    auth_pass", "\tauth_pass"), template, secrets);
    assert.equal(shown, template.replace("    auth_pass", "\tauth_pass"));
  });
  test("does not show a password that somebody set, but that it is another one", () => {
    const shown = hide(real.replace("auth_pass s3cr3t$&", "auth_pass theirs1"), template, secrets);
    assert.equal(shown, template.replace("auth_pass ${secret:auth_pass}", "auth_pass (another value, hidden)"));
  });

  test("does not pass for unchanged when somebody wrote the placeholder itself into it", () => {
    assert.notEqual(hide(template, template, secrets), template);
  });

  // Each is a place where an administrator may leave a password.
  const places: [string, string, string][] = [
    ["in a comment", "    auth_pass s3cr3t$&", "    auth_pass theirs1\n    #auth_pass s3cr3t$&"],
    ["of theirs in a comment", "    auth_pass s3cr3t$&", "    # auth_pass theirs1\n    auth_pass s3cr3t$&"],
    ["behind the line's own value", "    auth_pass s3cr3t$&", "    auth_pass s3cr3t$& # was theirs1"],
    ["in a block on one line", "  authentication {", "  authentication { auth_type PASS auth_pass theirs1 }\n  x {"],
    ["under another word", "  router_id a", "  router_id s3cr3t$&"],
  ];
  for (const [where, from, to] of places)
    test(`does not show a password ${where}`, () => {
      const actual = real.replace(from, () => to);
      assert.notEqual(actual, real);
      const shown = hide(actual, template, secrets);
      assert.doesNotMatch(shown, /s3cr3t|theirs1/);
      assert.match(shown, /^ {2}priority 100$/m);
      assert.match(shown, /^ {4}auth_type PASS$/m);
      assert.notEqual(shown, template, "the change itself must be seen");
    });

  test("is shown as it is where it never held a secret", () => {
    assert.equal(hide("b\n", "a\n", secrets), "b\n");
  });
  test("is an empty file where somebody emptied it", () => {
    assert.equal(hide("", template, secrets), "");
  });
});
