import { userOf } from "./connection.js";
import { Failure } from "./errors.js";
import { excerpt } from "./text.js";
import type { Connection } from "./types.js";

/** How the batch's shell becomes root; `tty`: by a sudo that works at a terminal only (`requiretty`). */
export type Elevation =
  { by: "none" } | { by: "sudo"; tty?: boolean } | { by: "sudo-password"; password: string; tty?: boolean };

/** True when the script waits for the root shell's word. */
export function waits(elevation: Elevation): boolean {
  return elevation.by === "sudo-password" || (elevation.by === "sudo" && elevation.tty === true);
}

/** From the connection: sudo is on by default for a user other than root. */
export function elevationOf(connection: Connection): Elevation {
  if (!(connection.sudo ?? userOf(connection) !== "root")) return { by: "none" };
  const { sudoPassword } = connection;
  return sudoPassword === undefined ? { by: "sudo" } : { by: "sudo-password", password: sudoPassword };
}

/** What sudo prints to ask for the password. */
export function promptOf(nonce: string): string {
  return `${nonce}?`;
}

/** What the root shell prints when sudo let it start and the script may come. */
export function readyOf(nonce: string): string {
  return `${nonce} ready`;
}

/** The line after which the root shell takes what comes for the script. */
export function goOf(nonce: string): string {
  return `${nonce} go`;
}

/**
 * The remote command. `env` sets the language in any login shell, so that sudo's words can be told apart. With a password,
 * the script waits for a word of the root shell: otherwise sudo, when it asks for nothing, would leave the password to
 * that shell as its first command, and when it asks twice would take the script for passwords. What was taken for its
 * question and was none has left the password there: all before the line "go" is thrown away.
 */
export function shellCommand(elevation: Elevation, nonce: string): string {
  switch (elevation.by) {
    case "none":
      return "/bin/sh";
    case "sudo":
      if (elevation.tty) return `${raw}; env LC_ALL=C sudo -n -- /bin/sh -c '${raw}; ${wait(nonce)}; ${detached}'`;
      return "env LC_ALL=C sudo -n -- /bin/sh";
    case "sudo-password": {
      const sudo = `env LC_ALL=C sudo -S -p '${promptOf(nonce)}' -- /bin/sh -c`;
      if (elevation.tty) return `${raw}; ${sudo} '${raw}; ${wait(nonce)}; ${detached}'`;
      return `${sudo} '${wait(nonce)}; exec /bin/sh'`;
    }
  }
}

/** A terminal that passes bytes on as they are; sudo may put one of its own between. */
const raw = "stty raw -echo";

/**
 * At a terminal a plain sh would take itself for an interactive one. In a session of its own it does not end with the
 * terminal when the link is cut.
 */
const detached = "if setsid -w true 2>/dev/null; then exec setsid -w /bin/sh /dev/stdin; fi; exec /bin/sh /dev/stdin";

function wait(nonce: string): string {
  return `echo; echo ${readyOf(nonce)}; until [ "$l" = "${goOf(nonce)}" ]; do IFS= read -r l || exit 1; done`;
}

/** Why no root shell came up, from what sudo(8) printed in the C locale; matched since sudo has one exit code for all. */
export function sudoFailure(elevation: Elevation, user: string, stderr: string, code: number | undefined): Failure {
  const fail = (what: string, next: string, traits = {}): Failure => new Failure("sudo", what, next, traits);
  const nopasswd = `put "${user} ALL=(ALL) NOPASSWD: ALL" into a file of /etc/sudoers.d`;
  if (/sudo['’]?: (command )?not found|['‘]?sudo['’]?: No such file/.test(stderr)) {
    return fail("sudo is not installed", "install it, or connect as root");
  }
  if (/must have a tty|no tty present|a terminal is required/.test(stderr) && !/password is required/.test(stderr)) {
    return fail("sudo wants a terminal (requiretty)", `add "Defaults:${user} !requiretty" to sudoers`, {
      wantsTty: true,
    });
  }
  if (/is not in the sudoers file|may not run sudo|is not allowed to (execute|run)/.test(stderr)) {
    return fail(`sudo does not let ${user} become root (not in sudoers)`, `${nopasswd}, or connect as another user`);
  }
  if (/password is required/.test(stderr)) {
    return fail("sudo wants a password and none was given", `give sudoPassword in the connection, or ${nopasswd}`);
  }
  if (/incorrect password attempt|Sorry, try again|Authentication fail/i.test(stderr)) return sudoRefusedPassword(user);
  const said = excerpt(stderr);
  return fail(
    `sudo did not start a shell (exit code ${code ?? "unknown"}${said === "" ? "" : `: ${said}`})`,
    elevation.by === "sudo" ? "try `sudo -n true` on the host" : "try `sudo true` on the host",
  );
}

/** For a wrong `sudoPassword`. */
export function sudoRefusedPassword(user: string): Failure {
  return new Failure("sudo", `sudo refuses the password of ${user}`, "put the right sudoPassword into the connection");
}
