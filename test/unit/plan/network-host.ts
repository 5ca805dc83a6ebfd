import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { localHost } from "../../../infra/host/local.js";
import type { Host } from "../../../infra/host/types.js";
import { file } from "../../../infra/linux/file.js";
import type { FileWant } from "../../../infra/plan/types.js";
import { outOfStep, readAll, keysOf, type Wants } from "../../../infra/provider/sections.js";

/** A host in namespaces of its own: its network, /etc and /run are nobody else's, and its manager can be the real one. */
export interface NetworkHost {
  sh(command: string): Promise<string>;
  write(files: Readonly<Record<string, FileWant>>): Promise<void>;
  /** Starts a daemon, to be ended by `stop`. */
  start(command: string): Promise<void>;
  stop(): Promise<void>;
  /** Waits at most 15 s for what is wanted, and gives what is then still missing. */
  missing(want: Wants): Promise<string[]>;
  end(): Promise<void>;
}

/** With ens32, tunl0, ip6tnl0 and lo, where ens32 has no address yet; links are veth, which every kernel has. */
export async function networkHost(): Promise<NetworkHost> {
  const keeper = spawn("unshare", ["--net", "--mount", "sh", "-c", "echo ready; read end"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(keeper.stdout, "data");
  const host: Host = localHost("namespace", ["nsenter", "-t", String(keeper.pid), "-n", "-m", "/bin/sh"]);
  const sh = async (command: string) =>
    (await host.run([{ argv: ["sh", "-c", command], timeoutSeconds: 60 }])).map(({ stdout }) => stdout).join("");
  const stop = async () => {
    await sh(
      `for f in /run/daemon.*; do [ -e "$f" ] || continue; p=$(cat "$f"); rm "$f"; kill "$p"; while kill -0 "$p" 2>/dev/null; do sleep 0.1; done; done`,
    );
  };
  await sh(
    [
      "mount -t tmpfs run /run",
      "cp -a /etc /run/etc",
      "mount --bind /run/etc /etc",
      // Without it managers wait for udev, which does not run here.
      "mount -t sysfs -o ro sys /sys || mount -o remount,ro,bind /sys",
      "rm -rf /etc/netplan /etc/NetworkManager /etc/systemd/network /etc/network/interfaces /etc/network/interfaces.d",
      "mkdir -p /run/dbus /run/network /run/systemd /etc/netplan /etc/NetworkManager/system-connections /etc/systemd/network",
      "for d in ens32 tunl0 ip6tnl0; do ip link add $d type veth peer name peer-$d; ip link set peer-$d up; done",
    ].join(" && "),
  );
  return {
    sh,
    stop,
    async write(files) {
      const steps = Object.entries(files).flatMap(([path, want]) => file.change(path, { state: "absent" }, want));
      await host.run(steps);
    },
    async start(command) {
      // exec, so that the number is the daemon's own.
      await sh(`n=$(date +%N); (exec ${command}) >/run/daemon-log 2>&1 </dev/null & echo $! >/run/daemon.$n`);
    },
    async missing(want) {
      const query = readAll(keysOf(want));
      for (let left = 75; ; left -= 1) {
        const wrong = outOfStep(query.parse(await host.run(query.steps)), want);
        if (wrong.length === 0 || left === 0) return wrong;
        await sleep(200);
      }
    },
    async end() {
      await stop();
      keeper.stdin.end();
      if (keeper.exitCode === null) await once(keeper, "exit");
    },
  };
}
