import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { QEMU } from "../../infra/lab/engine-qemu.js";
import { clean, labId, overview } from "../../infra/lab/index.js";
import { findProcesses } from "../../infra/lab/processes.js";
import { listNamespaces } from "../../infra/lab/links.js";
import { namespaceName, processMark } from "../../infra/lab/names.js";
import { lipsAreSeen } from "../lab/support/lips.js";
import { life, type Scene } from "../lab/support/life.js";
import { root, succeeded, type StackFile } from "../lab/support/stack.js";

/** Emulated guests wait for one another on a computer with few cores: adverts may be late by more than a second. */
const advertInterval = 3;
const slowness = 6;

function onQemu({ config }: StackFile): void {
  config["lvs:lab"].engine = "qemu";
  config["lvs:cluster"].vrrp.advertInterval = advertInterval;
}

/** The DR pair with a service that goes by a mark, so that directors have a rule. */
function withMark(file: StackFile): void {
  onQemu(file);
  const cluster = file.config["lvs:cluster"];
  const [{ vip, check }] = cluster.services;
  cluster.services = [{ vip, mark: 7, ports: [80], scheduler: "rr", check: { ...check, port: 80 } }];
}

/** What is the same for both stacks: the kernel is Debian's own, and a second up finds nothing to do. */
function more(scene: Scene, edit: (file: StackFile) => void, proof: (scene: Scene) => Promise<void>): void {
  const { stack, whole } = scene;
  const native = stack.file((file) => {
    edit(file);
    file.config["lvs:cluster"].firewall = { backend: "nftables" };
  });
  const name = stack.name.replace(/^long-/, "");

  test(`${name}: every machine runs Debian's own kernel, with iptables on nf_tables`, async () => {
    for (const machine of [scene.client, ...scene.hosts]) {
      assert.match(await machine.succeed("uname -r"), /-cloud-amd64$/m);
      // Asked for its version it would load nfnetlink, which the snapshot at the end would find.
      assert.match(await machine.succeed("readlink -f /usr/sbin/iptables"), /xtables-nft-multi$/m);
    }
    const lab = (await overview(root)).find(({ id }) => id === labId(stack.name, root));
    assert.ok(lab!.machines.every(({ state }) => state === "running"));
  });

  const ours = async () => ({
    iptables: /-j (MARK|SNAT) /.test(await scene.director.succeed("iptables-save -t mangle; iptables-save -t nat")),
    nft: /^table ip pulumi_lvs \{/m.test(await scene.director.succeed("nft list ruleset")),
  });

  test(`${name}: an edit takes its rules from iptables-nft to nftables and back, and it serves by either`, async () => {
    assert.deepEqual(await ours(), { iptables: true, nft: false });
    succeeded(await stack.up(native));
    assert.deepEqual(await ours(), { iptables: false, nft: true });
    await scene.serves();
    await proof(scene);
    succeeded(await stack.up(whole));
    assert.deepEqual(await ours(), { iptables: true, nft: false });
    await scene.serves();
  });

  test(`${name}: a second up changes nothing`, async () => {
    const { stdout } = succeeded(await stack.up(whole));
    assert.match(stdout, /^ +\d+ unchanged$/m);
    assert.doesNotMatch(stdout, /^ +[-+~] +\d+ (to )?(create|update|delete|replace)d?$/m);
  });
}

/** After the last machine went, nothing of the lab is left on this computer. */
function nothingLeft(variant: string): void {
  test(`${variant}: no process, namespace or file of the lab is left`, async () => {
    const id = labId(`long-${variant}`, root);
    assert.deepEqual(await findProcesses((mark) => mark.startsWith(processMark(id, ""))), []);
    assert.ok(!(await listNamespaces()).includes(namespaceName(id)));
    assert.deepEqual(await clean({ root, stack: `long-${variant}` }), []);
  });
}

// Only where QEMU is installed: nobody needs it for the rest.
const skip = spawnSync(QEMU, ["--version"]).status === 0 ? false : `${QEMU} is not installed`;
if (skip) test("the DR and the FULLNAT stack on QEMU", { skip }, () => undefined);
else onBoth();

/** Requests go to the real servers in turn, and replies past the director. */
async function inTurn(scene: Scene): Promise<void> {
  const pages = await scene.pages(8);
  for (const [index, page] of pages.entries()) if (index > 0) assert.notEqual(page, pages[index - 1], pages.join(" "));
  assert.equal(await scene.backThroughDirector(8), 0, "replies go past the director");
}

function onBoth(): void {
  life({
    name: "dr",
    variant: { name: "qemu-dr", edit: withMark },
    vip: "192.168.184.100",
    slowness,
    advertInterval,
    proof: inTurn,
    more: (scene) => more(scene, withMark, inTurn),
  });
  nothingLeft("qemu-dr");

  life({
    name: "fullnat",
    variant: { name: "qemu-fullnat", edit: onQemu },
    vip: "172.16.30.100",
    slowness,
    advertInterval,
    proof: lipsAreSeen,
    more: (scene) => more(scene, onQemu, lipsAreSeen),
  });
  nothingLeft("qemu-fullnat");
}
