import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isUnknown, unknown, unwrap, wrap, type Properties, type Value } from "../../../infra/provider/values.js";

// Pulumi's wire format, written out here so that a slip in the code's own constants is seen.
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const struct = (value: object) => Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
const wire = (properties: Properties, paths: string[][] = [], always: string[][] = []) =>
  wrap(properties, new Set(paths.map((path) => JSON.stringify(path))), always).toJavaScript();
const paths = (secrets: Set<string>) => [...secrets].map((path) => JSON.parse(path) as string[]);

describe("property maps from the engine", () => {
  test("lose their secret wrappers, and tell where they stood", () => {
    const { properties, secrets } = unwrap(
      struct({ host: "rs1", connection: { host: "192.0.2.1", privateKey: secret("KEY") }, list: [1, secret("two")] }),
    );
    assert.deepEqual(properties, {
      host: "rs1",
      connection: { host: "192.0.2.1", privateKey: "KEY" },
      list: [1, "two"],
    });
    assert.deepEqual(paths(secrets), [
      ["connection", "privateKey"],
      ["list", "1"],
    ]);
  });
  test("may hold a secret inside a secret", () => {
    const { properties, secrets } = unwrap(struct({ secrets: secret({ auth_pass: secret("pw"), plain: "x" }) }));
    assert.deepEqual(properties, { secrets: { auth_pass: "pw", plain: "x" } });
    assert.deepEqual(paths(secrets), [["secrets"], ["secrets", "auth_pass"]]);
  });
  test("that are not given are empty", () => {
    assert.deepEqual(unwrap(undefined), { properties: {}, secrets: new Set() });
  });
  test("keep keys with dots, slashes and quotes as they are", () => {
    const odd = { 'a.b/c["d"]': secret({ "": 1 }) };
    const { properties, secrets } = unwrap(struct(odd));
    assert.deepEqual(properties, { 'a.b/c["d"]': { "": 1 } });
    assert.deepEqual(wrap(properties, secrets).toJavaScript(), odd);
  });
  test("are the same after a round trip", () => {
    const sent = {
      nothing: null,
      yes: true,
      zero: 0,
      empty: "",
      nested: secret({ list: [secret("a"), { b: [secret(null)] }], none: {} }),
      later: UNKNOWN,
    };
    const { properties, secrets } = unwrap(struct(sent));
    assert.deepEqual(wrap(properties, secrets).toJavaScript(), sent);
  });
});

describe("property maps to the engine", () => {
  test("have secrets at paths that are always secret, though nobody marked them", () => {
    const always = [
      ["connection", "privateKey"],
      ["secrets", "*"],
    ];
    assert.deepEqual(
      wire({ connection: { privateKey: "KEY", user: "root" }, secrets: { a: "x", b: "y" } }, [], always),
      {
        connection: { privateKey: secret("KEY"), user: "root" },
        secrets: { a: secret("x"), b: secret("y") },
      },
    );
  });
  test("are not wrapped twice where the user marked them, too", () => {
    assert.deepEqual(wire({ password: "pw" }, [["password"]], [["password"]]), { password: secret("pw") });
  });
  test("match a path in its whole length only", () => {
    assert.deepEqual(wire({ a: { found: 1 }, found: { a: 2 } }, [], [["found"]]), {
      a: { found: 1 },
      found: secret({ a: 2 }),
    });
    assert.deepEqual(wire({ secrets: "x" }, [], [["secrets", "*"]]), { secrets: "x" });
  });
  test("reach into lists by index", () => {
    const always = [["directors", "*", "connection", "password"]];
    assert.deepEqual(wire({ directors: [{ connection: { password: "a" } }, { connection: {} }] }, [], always), {
      directors: [{ connection: { password: secret("a") } }, { connection: {} }],
    });
  });
  test("leave out what is undefined", () => {
    assert.deepEqual(wire({ a: undefined, b: { c: undefined } } as unknown as Properties), { b: {} });
  });
  test("leave an unknown value bare: the engine looks for it unwrapped", () => {
    assert.deepEqual(wire({ found: unknown, x: { y: unknown } }, [["x", "y"]], [["found"]]), {
      found: UNKNOWN,
      x: { y: UNKNOWN },
    });
  });
});

describe("unknown values", () => {
  test("are found at any depth", () => {
    for (const value of [UNKNOWN, [UNKNOWN], { a: [{ b: UNKNOWN }] }]) assert.equal(isUnknown(value), true);
  });
  test("are nothing else", () => {
    const others: (Value | undefined)[] = [
      undefined,
      null,
      "",
      0,
      false,
      [],
      {},
      [null],
      { [UNKNOWN]: "key" },
      `x${UNKNOWN}`,
    ];
    for (const value of others) assert.equal(isUnknown(value), false, JSON.stringify(value));
  });
});
