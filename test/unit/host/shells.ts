import { existsSync, realpathSync } from "node:fs";

/** The POSIX shells of this machine that hosts may have as /bin/sh: Debian's, RHEL's, and a small system's. */
export const shells: string[][] = [["/bin/sh"], ["/bin/dash"], ["/bin/bash", "--posix"], ["/bin/busybox", "sh"]].filter(
  ([file], index, all) =>
    existsSync(file as string) &&
    all.findIndex(
      ([other]) => existsSync(other as string) && realpathSync(other as string) === realpathSync(file as string),
    ) === index,
);
