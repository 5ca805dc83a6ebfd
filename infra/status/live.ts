import type { HostPlan } from "../plan/types.js";
import type { Live } from "../provider/live.js";
import type { Readings } from "../provider/sections.js";

/** What packets depend on, of what a host was set up with. */
export interface LiveInputs extends Partial<
  Pick<HostPlan, "addresses" | "routes" | "sysctls" | "rules" | "links" | "files">
> {
  host: string;
}

/**
 * What must be live on a host. A refresh puts what it found into the inputs: a rule that was gone by then is missing from
 * them, and a sysctl has the value that it had. What was set up is still told by what was `found` before the first change,
 * a reading for each rule that is ours, and by the file that holds the sysctls for the next boot.
 */
export function liveOf(inputs: LiveInputs, found: Readings = {}): Live {
  const { addresses = {}, routes = {}, sysctls = {}, rules = {}, links = {}, files = {} } = inputs;
  const ours = Object.keys(found.rules ?? {}).map((rule): [string, "present"] => [rule, "present"]);
  return {
    addresses: Object.keys(addresses),
    routes,
    sysctls: { ...sysctls, ...lasting(files) },
    rules: { ...rules, ...Object.fromEntries(ours) },
    links,
  };
}

/** The sysctls in our own files of /etc/sysctl.d. */
function lasting(files: HostPlan["files"]): Record<string, string> {
  const texts = Object.entries(files).filter(([path]) => /^\/etc\/sysctl\.d\/90-pulumi-lvs(-proxy)?\.conf$/.test(path));
  return Object.fromEntries(
    texts
      .flatMap(([, { content }]) => content.split("\n"))
      .flatMap((line): [string, string][] => {
        const [, key, value] = /^([^#\s]\S*) = (.*)$/.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[key, value]];
      }),
  );
}
