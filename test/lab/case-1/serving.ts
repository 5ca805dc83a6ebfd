import assert from "node:assert/strict";
import test from "node:test";
import { succeeded } from "../support/stack.js";
import { DEV, type Setting } from "./setting.js";

/** The proof column of case 1, and what a preview says of it. */
export function serving(setting: Setting): void {
  const { arpAnswers, changed, client, directorA, directorB, holders, pages, rs1, rs2, stack, vip } = setting;
  test("requests through the VIP go to both real servers in turn", async () => {
    const got = await pages(8);
    assert.deepEqual([...new Set(got)].sort(), ["rs1", "rs2"]);
    for (const [index, page] of got.entries()) if (index > 0) assert.notEqual(page, got[index - 1], got.join(" "));
  });

  test("the connection ends on the real server; the director only has it in the IPVS table", async () => {
    await client.succeed(
      `perl -e 'use IO::Socket::INET; $s=IO::Socket::INET->new(PeerAddr=>"${vip}:80") or die; fork and exit; open STDIN,"</dev/null"; open STDOUT,">/dev/null"; open STDERR,">/dev/null"; sleep 8' </dev/null`,
    );
    const sockets = (machine: typeof rs1) => machine.succeed(`ss -Htn state established '( sport = :80 )'`);
    const [a, one, two, table] = await Promise.all([
      sockets(directorA),
      sockets(rs1),
      sockets(rs2),
      directorA.succeed("ipvsadm -Lnc"),
    ]);
    assert.equal(a.trim(), "");
    assert.match(one + two, /192\.168\.184\.100:80\s+192\.168\.184\.50:/);
    assert.match(table, /192\.168\.184\.50:\d+\s+192\.168\.184\.100:80\s+192\.168\.184\.1[23]:80/);
  });

  test("only the active director answers ARP for the VIP", async () => {
    assert.deepEqual(await holders(), ["director-a"]);
    assert.deepEqual(await arpAnswers(), [await directorA.mac(DEV)]);
  });

  test("both directors have the same table as the stack file", async () => {
    const table = [
      "-A -t 192.168.184.100:80 -s rr",
      "-a -t 192.168.184.100:80 -r 192.168.184.12:80 -g -w 1",
      "-a -t 192.168.184.100:80 -r 192.168.184.13:80 -g -w 1",
    ];
    assert.deepEqual(await directorA.table(), table);
    assert.deepEqual(await directorB.table(), table);
  });

  test("the stack's outputs are the evidence", async () => {
    const output = succeeded(await stack.pulumi("stack", "output", "--json", "-s", stack.name)).stdout;
    const { verification, vips, directors } = JSON.parse(output) as {
      vips: string[];
      directors: string[];
      verification: { vipHolders: Record<string, string>; requests: Record<string, { answered: number }> };
    };
    assert.deepEqual(vips, [vip]);
    assert.deepEqual(directors, ["director-a", "director-b"]);
    assert.deepEqual(Object.values(verification.vipHolders), ["director-a"]);
    assert.equal(verification.requests[`http://${vip}:80/`]!.answered, 4);
  });

  test("a preview after up finds nothing to change", async () => {
    succeeded(await stack.preview(setting.whole, "--expect-no-changes"));
  });

  test("an edited weight is previewed as one changed line on each director and nothing elsewhere", async () => {
    const edited = changed((cluster) => (cluster.realServers[0].weight = 3));
    const { stdout, stderr } = succeeded(await stack.preview(edited));
    const lines = stdout.split("\n").map((line) => line.trim());
    assert.deepEqual(
      lines.filter((line) => /^[-+] /.test(line)).map((line) => line.replace(/ +/g, " ")),
      ["- weight 1", "+ weight 3", "- weight 1", "+ weight 3"],
    );
    const updated = lines.filter((line) => line.startsWith("~ lvs:index:")).map((line) => line.split(" ")[1]);
    assert.deepEqual(updated.sort(), ["lvs:index:Director:", "lvs:index:Director:", "lvs:index:Verification:"]);
    // As a change request: what is taken from where, what happens in which order, and what clients notice.
    for (const director of ["director-a", "director-b"])
      assert.match(
        stderr,
        new RegExp(
          `${director}: files, table and daemon are taken from the state.*\\n` +
            `.*${director}, step 1 of 2: keepalived -t judges.*\\n` +
            `.*${director}, step 2 of 2: keepalived reloads: no connection is interrupted`,
        ),
      );

    // A runner that cannot reach a single host: nothing but its own loopback.
    const apart = succeeded(await stack.previewApart(edited));
    const said = (text: string) =>
      text
        .replaceAll(/Duration: .*/g, "")
        .split("\n")
        .sort();
    assert.deepEqual(said(apart.stdout), said(stdout));
    assert.deepEqual(said(apart.stderr), said(stderr));
  });
}
