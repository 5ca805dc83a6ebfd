import type { Cluster } from "../cluster.js";
import type { Path } from "../path.js";
import { placed, problem, type Rule } from "./rule.js";

/** A line of keepalived.conf has at most 1023 characters (2.2.7, `MAXBUF`; a longer script ends the daemon); a check adds its real server. */
const longest = 800;

/** A program with its arguments stands on one line of keepalived.conf. */
export const commandLength: Rule<Cluster> = (cluster) => {
  const check = (at: Path, path = "", words: readonly (string | undefined)[] = []) => {
    const { length } = [path, ...words].join(" ");
    if (length <= longest) return [];
    const rule = `a program with arguments of at most ${longest} characters together`;
    return [problem("cluster", [...at, "arguments"], rule, String(length), "Put them into the program.")];
  };
  return [
    ...placed(cluster.vrrp?.trackScripts, ["vrrp", "trackScripts"]).flatMap(({ at, item }) =>
      check(at, item.path, item.arguments),
    ),
    ...placed(cluster.services, ["services"]).flatMap(({ at, item }) =>
      item.check !== undefined && "arguments" in item.check
        ? check([...at, "check"], item.check.path, item.check.arguments)
        : [],
    ),
  ];
};
