import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { localHost } from "../../../infra/host/local.js";
import type { Query } from "../../../infra/linux/noun.js";
import { complaints, logEnd, type LogEnd, loggedSince, state } from "../../../infra/linux/proxy.js";
import { scriptText } from "../../../infra/linux/script.js";
import { batch } from "../../../infra/provider/batch.js";
import { noSandbox, Sandbox, until } from "../render/sandbox.js";

const said = (stdout: string, code = 0, stderr = "") => [{ argv: ["x", "-c"], code, stdout, stderr }];

describe("what a proxy says of a configuration", () => {
  test("is nothing when it takes it, whatever it warns of", () => {
    assert.deepEqual(complaints(said("Configuration file is valid\n", 0, "[WARNING]  (7) : config : x\n")[0]!), []);
  });
  test("is each line without time and severity when it does not", () => {
    const nginx =
      'nginx: [emerg] unknown directive "x" in /etc/nginx/nginx.conf.candidate:1\nnginx: configuration file test failed\n';
    assert.deepEqual(complaints(said("", 1, nginx)[0]!), [
      '[emerg] unknown directive "x" in /etc/nginx/nginx.conf.candidate:1',
      "configuration file test failed",
    ]);
    assert.deepEqual(
      complaints(
        said(
          "",
          1,
          "[NOTICE]   (7) : haproxy version is 2.6\n[ALERT]    (7) : config : parsing [x:1]: unknown keyword\n",
        )[0]!,
      ),
      ["config : parsing [x:1]: unknown keyword"],
    );
  });
  test("is its exit code when it says nothing", () =>
    assert.deepEqual(complaints(said("", 3)[0]!), ["x -c exited 3 without a word"]));
});

describe("what of a proxy runs", () => {
  const { parse } = state("nginx");
  test("is its processes that take connections, and where anything listens", () => {
    assert.deepEqual(parse(said("main 7\nworker 9\nworker 11\nlisten 0.0.0.0:22\nlisten [::]:80\n")), {
      alive: true,
      workers: [9, 11],
      listens: ["0.0.0.0:22", "[::]:80"],
    });
  });
  test("is nothing without a main process, and not alive with a main process alone", () => {
    assert.equal(parse(said("listen 0.0.0.0:22\n")).alive, false);
    assert.equal(parse(said("main 7\nlisten 0.0.0.0:22\n")).alive, false);
  });
  test("is seen whole when another process ends while it is looked for", { skip: noSandbox ?? false }, async () => {
    const box = await Sandbox.open([]);
    try {
      // systemd does not run here: it would only name the main process, whose children are looked for in the kernel's own list.
      box.run("sh -c 'sleep 60 & echo $$ >/run/main; echo $! >/run/worker; wait' >/dev/null 2>&1 </dev/null &");
      await until(() => box.test("test -s /run/worker"), "a main process and its worker");
      box.write("/usr/local/sbin/systemctl", "#!/bin/sh\ncat /run/main\n", "0755");
      box.write("/run/read-proxy", scriptText("read-proxy"));
      // One that cannot be opened any more, as the file of a process that has just ended; process 1 is listed first.
      box.run("perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un(q(/run/gone)))'");
      box.run("mount --bind /run/gone /proc/1/stat");
      const { workers, alive } = parse(said(box.run("sh /run/read-proxy nginx")));
      assert.deepEqual([alive, workers], [true, [Number(box.run("cat /run/worker"))]]);
    } finally {
      box.close();
    }
  });
});

describe("nginx's log", () => {
  const { parse } = loggedSince({ inode: "1", length: "10" });
  test("counts each real server that was asked, also one that failed before another answered", () => {
    const counted =
      '      3 192.0.2.1 80 "192.0.2.11:80\n      2 192.0.2.1 80 "192.0.2.12:80, 192.0.2.11:80\n      1 2001:db8::1 443 "192.0.2.11:80\n';
    assert.deepEqual(parse(said(counted)), {
      "192.0.2.1:80 192.0.2.11:80": 5,
      "192.0.2.1:80 192.0.2.12:80": 2,
      "[2001:db8::1]:443 192.0.2.11:80": 1,
    });
  });
  describe("is read from where it ended", () => {
    const line = (server: number) => `192.0.2.1 80 "192.0.2.${server}:80" 192.0.2.9 [x] "GET / HTTP/1.1" 200 3\n`;
    const moments: { title: string; work: (log: string) => void; seen: Record<string, number> }[] = [
      {
        title: "in the same file",
        work: (log) => appendFileSync(log, line(12)),
        seen: { "192.0.2.1:80 192.0.2.12:80": 1 },
      },
      {
        title: "across a rotation: the rest of the old file, and the new one",
        work: (log) => {
          appendFileSync(log, line(12));
          renameSync(log, `${log}.1`);
          writeFileSync(log, line(13) + line(13));
        },
        seen: { "192.0.2.1:80 192.0.2.12:80": 1, "192.0.2.1:80 192.0.2.13:80": 2 },
      },
      {
        title: "across a rotation after which nothing was written",
        work: (log) => renameSync(log, `${log}.1`),
        seen: {},
      },
      {
        title: "from the beginning of a file that was cut to nothing in its place",
        work: (log) => writeFileSync(log, line(14)),
        seen: { "192.0.2.1:80 192.0.2.14:80": 1 },
      },
    ];
    for (const { title, work, seen } of moments)
      test(title, async () => {
        const folder = mkdtempSync(join(tmpdir(), "lvs-log-"));
        try {
          const log = join(folder, "access.log");
          writeFileSync(log, line(11) + line(11));
          const host = localHost();
          const here = ({ steps, ...query }: Query<any>): Query<any> => ({
            ...query,
            steps: steps.map((step) => ({
              ...step,
              argv: step.argv.map((word) => (word === "/var/log/nginx/access.log" ? log : word)),
            })),
          });
          const [end] = await batch(host, [here(logEnd())]);
          work(log);
          const [counts] = await batch(host, [here(loggedSince(end as LogEnd))]);
          assert.deepEqual(counts, seen);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
  });

  test("counts nobody for an answer that nginx gave itself, and skips lines of another format", () => {
    assert.deepEqual(parse(said('      1 192.0.2.1 80 "-\n      1 192.0.2.9 - - [x] "GET\n')), {});
  });
});
