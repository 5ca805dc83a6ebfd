import assert from "node:assert/strict";
import { floating, listed } from "../../infra/linux/keepalived-text.js";
import { parseRules, rules } from "../../infra/linux/ipvs.js";
import { sysctlPath } from "../../infra/linux/sysctl.js";
import type { ClusterPlan, DirectorPlan, FileWant, HostPlan, Table } from "../../infra/plan/types.js";
import { addressOf, type Cluster } from "../../infra/spec/index.js";

/** keepalived reads a line into a buffer of this size, with its end (2.2.7, `MAXBUF`). */
const longestLine = 1023;

/** Every file of a plan fits the grammar of its reader, and says what the plan says and nothing else. */
export function assertRendered(cluster: Cluster, plan: ClusterPlan): void {
  for (const [name, host] of Object.entries(plan.hosts)) {
    const own = userFiles(cluster, name);
    for (const [path, file] of Object.entries(host.files)) {
      const user = Object.hasOwn(own, path) ? own[path] : undefined;
      if (user !== undefined) assert.equal(file.content, user, `${path}: what the user wrote stays as it is`);
      else assertFile(path, file);
    }
    assertSysctls(host);
    assertModules(host);
  }
  for (const director of Object.values(plan.directors)) {
    for (const [path, file] of Object.entries(director.files)) assertFile(path, file);
    assertKeepalived(director);
    assertTable(director.table);
  }
}

function userFiles(cluster: Cluster, name: string): Record<string, string> {
  const host = [...cluster.directors, ...cluster.realServers, ...cluster.routers].find((each) => each.name === name);
  const files = Object.entries(host?.files ?? {});
  return Object.fromEntries(files.map(([path, file]) => [path, typeof file === "string" ? file : file.content]));
}

/** Plain lines of printable text. */
function assertFile(path: string, { content, mode, owner, group }: FileWant): void {
  assert.match(content, /^[\x20-\x7e\t\n]*\n$/, `${path}: printable lines only, got ${JSON.stringify(content)}`);
  assert.doesNotMatch(content, /undefined|\[object |NaN|\{\{|\}\}/, path);
  assert.match(mode, /^[0-7]{4}$/);
  assert.equal(`${owner}:${group}`, "root:root", path);
  const lines = content.split("\n");
  if (/\.service$|\.service\.d\//.test(path)) lines.forEach((line) => assertUnitLine(path, line));
}

const unitKeys = new Set(
  (
    "Description Documentation After Before Wants Conflicts DefaultDependencies StartLimitIntervalSec StartLimitBurst " +
    "Type RemainAfterExit Restart RestartSec KillMode ExecStart ExecStartPre ExecStartPost ExecReload ExecStop ExecStopPost ReloadPropagatedFrom WantedBy OOMScoreAdjust"
  ).split(" "),
);

/** systemd.syntax(7): no continued lines, no specifiers, known settings. */
function assertUnitLine(path: string, line: string): void {
  if (line === "" || line.startsWith("#") || /^\[(Unit|Service|Install)\]$/.test(line)) return;
  const [, key = "", value = ""] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
  assert.ok(unitKeys.has(key), `${path}: not a setting of ours: ${line}`);
  assert.doesNotMatch(value, /\\|%/, `${path}: ${line}`);
  if (key.startsWith("Exec")) assert.match(value, /^-?\/[a-z/]+(-[a-z]+)*( |$)/, `${path}: ${line}`);
}

/** sysctl.d(5): what the file sets is what the plan says. */
function assertSysctls({ files, sysctls }: HostPlan): void {
  const file = files["/etc/sysctl.d/90-pulumi-lvs.conf"];
  const lines = (file?.content ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const set = lines.map((line) => {
    const [, key, value] = /^([a-z][\w./-]*) = ([^=]+)$/.exec(line) ?? [];
    assert.ok(key !== undefined && value !== undefined, `not a sysctl: ${line}`);
    return [key, value] as const;
  });
  assert.deepEqual(Object.fromEntries(set), { ...sysctls });
  assert.equal(set.length, Object.keys(sysctls).length);
  const paths = Object.keys(sysctls).map(sysctlPath);
  for (const path of paths) assert.match(path, /^\/proc\/sys\/[^.]/, path);
}

/** modules-load.d(5): one name a line. */
function assertModules({ files, modules }: HostPlan): void {
  const content = files["/etc/modules-load.d/pulumi-lvs.conf"]?.content ?? "";
  const names = content.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(names.sort(), Object.keys(modules).sort());
  for (const name of names) assert.match(name, /^\w[\w-]*$/);
}

/** First words of lines within a block of keepalived.conf, where the block has a fixed set of them. */
const words: Readonly<Record<string, string>> = {
  global_defs:
    "router_id vrrp_version lvs_sync_daemon enable_script_security vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat",
  track_file: "file weight init_file",
  vrrp_script: "script interval timeout rise fall weight user",
  vrrp_sync_group: "group sync_group_tracking_weight track_interface track_script",
  vrrp_instance:
    "state interface virtual_router_id priority advert_int nopreempt preempt_delay unicast_src_ip unicast_peer authentication virtual_ipaddress virtual_ipaddress_excluded virtual_routes track_interface track_script",
  authentication: "auth_type auth_pass",
  virtual_server:
    "delay_loop warmup lvs_sched mh-fallback mh-port sh-fallback sh-port ops lvs_method persistence_timeout persistence_granularity protocol ip_family alpha inhibit_on_failure quorum hysteresis sorry_server sorry_server_lvs_method real_server",
  real_server:
    "weight lvs_method HTTP_GET SSL_GET TCP_CHECK PING_CHECK UDP_CHECK DNS_CHECK SMTP_CHECK MISC_CHECK FILE_CHECK",
  url: "path status_code digest virtualhost",
};
const checkWords =
  "url enable_sni connect_port connect_timeout retry delay_before_retry payload require_reply type name helo_name misc_path misc_timeout misc_dynamic user track_file weight";

/** keepalived.conf(5): balanced blocks of known words, each name once, and the services and addresses of the plan. */
function assertKeepalived({ files, table, vips }: DirectorPlan): void {
  const content = files["/etc/keepalived/keepalived.conf"]?.content;
  if (content === undefined) return;
  const blocks: string[] = [];
  const heads = new Set<string>();
  for (const raw of content.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    assert.ok(raw.length <= longestLine, `a line of ${raw.length} characters`);
    assert.doesNotMatch(line, /[!#\\`;]|^[@~]|~(SEQ|LST)/, `means something to keepalived: ${line}`);
    assert.doesNotMatch(line.replace("${secret:auth_pass}", ""), /\$/, line);
    assert.equal((line.match(/"/g) ?? []).length % 2, 0, `an open quote: ${line}`);
    if (line === "}") {
      assert.ok(blocks.pop() !== undefined, "a block is closed that was not opened");
      continue;
    }
    const [word = "", ...rest] = line.replace(/ ?\{$/, "").split(" ");
    const around = blocks.at(-1) ?? "";
    const known = words[around] ?? (around.includes("_CHECK") || around.endsWith("_GET") ? checkWords : undefined);
    if (blocks.length > 0 && known !== undefined) assert.ok(known.split(" ").includes(word), `${around}: ${line}`);
    if (!line.endsWith("{")) continue;
    assert.doesNotMatch(line.slice(0, -1), /[{}]/, line);
    if (blocks.length === 0) {
      const head = [word, ...rest].join(" ");
      // The protocol of a service stands inside.
      assert.ok(word === "virtual_server" || !heads.has(head), `stands twice: ${head}`);
      heads.add(head);
    }
    blocks.push(word);
  }
  assert.deepEqual(blocks, [], "blocks are left open");
  const servers = Object.fromEntries(
    Object.entries(table).flatMap(([key, { realServers }]) => {
      const names = Object.keys(realServers).sort();
      return names.length > 0 ? [[key, names]] : [];
    }),
  );
  const read = Object.fromEntries(Object.entries(listed(content)).map(([key, names]) => [key, [...names].sort()]));
  assert.deepEqual(read, servers, "the real servers of the plan");
  const addresses = Object.values(floating(content)).flat().sort();
  assert.deepEqual(
    addresses,
    vips.map((vip) => addressOf(vip.split(" ")[1] ?? "")).sort(),
    "the addresses of the plan",
  );
}

/** ipvsadm's own words: what is written at boot reads back as the same table. */
function assertTable(table: Table): void {
  const written = rules(table);
  for (const rule of written) assert.match(rule, /^-[Aa] [\x21-\x7e]+( [\x21-\x7e]+)*$/, rule);
  const bare = Object.fromEntries(
    Object.entries(table).map(([key, { sorryServer, inhibitOnFailure, ...service }]) => {
      void [sorryServer, inhibitOnFailure];
      return [key, service];
    }),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(parseRules(written))), JSON.parse(JSON.stringify(bare)));
}
