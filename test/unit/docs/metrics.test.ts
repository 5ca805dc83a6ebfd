import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse, stringify } from "yaml";
import { expressions, missingIn } from "../../lab/support/metrics.js";

const folder = join(__dirname, "../../../docs/metrics");
const promtool = (...args: string[]) => spawnSync("promtool", args, { encoding: "utf8" });
const { error } = promtool("--version");
const skip = error ? "needs promtool, of Debian's package prometheus" : false;

type Series = Record<string, string>;

const minutes = 20;
const steady = `1x${minutes * 4}`;
/** One value until the fifth minute, another one after it. `_`: no sample. */
const then = (value: string, before = "1") => `${before}x19 ${value}x${minutes * 4 - 20}`;
const of = (instance: string, more = "") => `{job="lvs", cluster="lvs", instance="${instance}:9100"${more}}`;
const up = (director: string) => `up${of(director)}`;
const unit = (director: string) =>
  `node_systemd_unit_state${of(director, ', name="keepalived.service", state="active"')}`;
const has = (director: string, address: string) =>
  `node_network_address_info${of(director, `, device="ens32", address="${address}", netmask="24", scope="global"`)}`;
const entry = (director: string, realServer: string) =>
  `node_ipvs_backend_weight${of(
    director,
    `, local_address="192.0.2.100", local_port="80", proto="TCP", local_mark="", remote_address="${realServer}", remote_port="80"`,
  )}`;

/** What the exporters of a pair say that is well. */
const well: Series = Object.fromEntries(
  [
    ...["a", "b"].flatMap((director) => [
      up(director),
      unit(director),
      ...["192.0.2.21", "192.0.2.22"].map((realServer) => entry(director, realServer)),
    ]),
    has("a", "192.0.2.100"),
    has("a", "192.0.2.11"),
    has("b", "192.0.2.12"),
  ].map((series) => [series, steady]),
);

const cases: { title: string; change: Series; firing: string[] }[] = [
  { title: "nothing is wrong", change: {}, firing: [] },
  {
    title: "the VIP has moved to the other director",
    change: { [has("a", "192.0.2.100")]: "1x19 stale", [has("b", "192.0.2.100")]: "_x20 1x59" },
    firing: [],
  },
  {
    title: "nobody has the VIP",
    change: { [has("a", "192.0.2.100")]: "1x19 stale" },
    firing: ["LvsVipUnheld"],
  },
  { title: "both have it", change: { [has("b", "192.0.2.100")]: then("1", "_") }, firing: ["LvsVipHeldTwice"] },
  { title: "keepalived is down on one", change: { [unit("b")]: then("0") }, firing: ["LvsKeepalivedDown"] },
  {
    title: "a real server is out on both",
    change: { [entry("a", "192.0.2.22")]: "1x19 stale", [entry("b", "192.0.2.22")]: "1x19 stale" },
    firing: ["LvsRealServerOut", "LvsRealServerOut"],
  },
  {
    title: "a real server is out on one director only",
    change: { [entry("b", "192.0.2.22")]: "1x19 stale" },
    firing: ["LvsRealServerOut", "LvsTablesDiffer"],
  },
  {
    title: "every weight is 0 on both, as with inhibit_on_failure",
    change: Object.fromEntries(
      ["a", "b"].flatMap((director) =>
        ["192.0.2.21", "192.0.2.22"].map((realServer) => [entry(director, realServer), then("0")]),
      ),
    ),
    firing: ["LvsServiceWithoutRealServer", "LvsServiceWithoutRealServer"],
  },
  {
    title: "no real server is left in the table of one director",
    change: { [entry("a", "192.0.2.21")]: "1x19 stale", [entry("a", "192.0.2.22")]: "1x19 stale" },
    firing: ["LvsServiceWithoutRealServer", "LvsTablesDiffer", "LvsTablesDiffer"],
  },
  {
    title: "a director cannot be asked, and may have the VIP",
    change: Object.fromEntries(
      Object.keys(well)
        .filter((series) => series.includes('"a:9100"'))
        .map((series) => [series, series === up("a") ? then("0") : "1x19 stale"]),
    ),
    firing: ["LvsDirectorUnseen"],
  },
];

describe("the files for Prometheus", { skip }, () => {
  test("are valid", () => {
    for (const args of [
      ["check", "config", join(folder, "prometheus.yml")],
      ["check", "rules", join(folder, "alerts.yml")],
    ]) {
      const { status, stdout, stderr } = promtool(...args);
      assert.equal(status, 0, stdout + stderr);
    }
  });

  for (const { title, change, firing } of cases)
    test(`alert when ${title}: ${firing.join(", ") || "not"}`, () => {
      const place = mkdtempSync(join(tmpdir(), "lvs-alerts-"));
      try {
        const names = [...new Set(alerts.map(({ alert }) => alert!))];
        const file = join(place, "test.yml");
        writeFileSync(
          file,
          stringify({
            rule_files: [join(folder, "alerts.yml")],
            evaluation_interval: "15s",
            tests: [
              {
                interval: "15s",
                input_series: Object.entries({ ...well, ...change }).map(([series, values]) => ({ series, values })),
                promql_expr_test: names.map((name) => ({
                  expr: `count(ALERTS{alertname="${name}", alertstate="firing"})`,
                  eval_time: "15m",
                  exp_samples: firing.includes(name)
                    ? [{ labels: "{}", value: firing.filter((each) => each === name).length }]
                    : [],
                })),
              },
            ],
          }),
        );
        const { status, stdout, stderr } = promtool("test", "rules", file);
        assert.equal(status, 0, stdout + stderr);
      } finally {
        rmSync(place, { recursive: true });
      }
    });
});

const { groups } = parse(readFileSync(join(folder, "alerts.yml"), "utf8")) as {
  groups: { rules: { alert?: string; record?: string }[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);

test("every alert is seen firing", () => {
  const fired = new Set(cases.flatMap(({ firing }) => firing));
  assert.deepEqual(alerts.map(({ alert }) => alert!).sort(), [...fired].sort());
});

test("alerts and dashboard use metrics that a director's exporter has", () => {
  const recorded = readFileSync(join(__dirname, "../../cases/metrics/director.txt"), "utf8");
  assert.deepEqual(
    expressions(folder).flatMap((expression) => missingIn(recorded, expression)),
    [],
  );
  assert.deepEqual(missingIn(recorded, 'rate(node_ipvs_connections[1m]) + node_systemd_unit_state{name="x"}'), [
    "node_ipvs_connections",
    'node_systemd_unit_state{name="x"}',
  ]);
});
