import type { Machine } from "../../lab/support/machine.js";
import type { Credentials } from "./credentials.js";

/** The login on the hosts: not root, sudo with a password. */
export const ADMIN = "admin";
/** The login on the jump host: forwards connections and nothing else. */
export const JUMP = "jump";
/** The jump host on the hosts' own network. */
export const INSIDE = "192.168.184.5";
/** Logins that the jump host lets come at a time. */
export const STARTUPS = 2;

// The test looks at the machines as root over the lab's management network; from there nobody else may come.
const TEST = "root@198.18.0.0/15";

/** A user that a key lets in. */
const withKey = (user: string, shell: string, key: string) => `useradd -m -s ${shell} ${user}
install -d -o ${user} -m 700 ~${user}/.ssh
echo '${key}' >~${user}/.ssh/authorized_keys
chown ${user} ~${user}/.ssh/authorized_keys
chmod 600 ~${user}/.ssh/authorized_keys`;

// Before the lab's own file: what sshd reads first counts.
const sshd = (settings: string[]) => `cat >/etc/ssh/sshd_config.d/00-way.conf <<'END'
${settings.join("\n")}
END
sshd -t && systemctl restart ssh`;

/** A power cut must not take it back. */
const kept = "sync";

/** Makes the jump host: few logins at a time, and one user that may only pass through. */
export async function makeJumpHost(machine: Machine, { jump }: Credentials): Promise<void> {
  const settings = [
    `AllowUsers ${TEST} ${JUMP}@198.18.0.0/15`,
    "PasswordAuthentication no",
    // Every dial that is turned away has a line.
    "LogLevel VERBOSE",
  ];
  const key = `restrict,port-forwarding ${jump.publicKey}`;
  // Of this one the last line counts (OpenSSH 9.2), and the lab's own file has one.
  const startups = `echo 'MaxStartups ${STARTUPS}' >/etc/ssh/sshd_config.d/zz-way.conf`;
  await machine.succeed(["set -e", startups, withKey(JUMP, "/usr/sbin/nologin", key), sshd(settings), kept].join("\n"));
}

/** Makes a host: its sshd takes nobody but root of the test, and users that come from the jump host. */
export async function makeHost(machine: Machine, { host, sudoPassword }: Credentials, sudoers: string): Promise<void> {
  const settings = [
    `AllowUsers ${TEST} *@${INSIDE}`,
    "PasswordAuthentication no",
    // Turned away for where they come from, not for what they have.
    "LogLevel VERBOSE",
  ];
  await machine.succeed(["set -e", withKey(ADMIN, "/bin/bash", host.publicKey), sshd(settings)].join("\n"));
  await withInput(machine, "chpasswd", `${ADMIN}:${sudoPassword}\n`);
  await withInput(machine, "umask 0227; cat >/etc/sudoers.d/admin", `${ADMIN} ALL=(ALL:ALL) ALL\n`);
  // The lecture for a user's first sudo leaves a file of sudo's own behind.
  await withInput(machine, `su ${ADMIN} -c "sudo -S -p '' true"`, `${sudoPassword}\n`);
  if (sudoers !== "") {
    await withInput(machine, "umask 0227; cat >/etc/sudoers.d/sudo-way", `Defaults:${ADMIN} ${sudoers}\n`);
    // A lecture each time is noted as well; one who requires a terminal refuses this.
    await withInput(machine, `su ${ADMIN} -c "sudo -S -p '' true" || true`, `${sudoPassword}\n`);
  }
  await machine.succeed(`visudo -cq && ${kept}`);
}

async function withInput(machine: Machine, command: string, input: string): Promise<void> {
  const done = await machine.run(command, input);
  if (done.code !== 0) throw new Error(`${machine.name}: ${command}: exited ${done.code}\n${done.stderr}`);
}
