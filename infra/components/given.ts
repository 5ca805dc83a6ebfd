import * as pulumi from "../resources/pulumi.js";
import { SpecError, type Problem, type Vrrp } from "../spec/index.js";
import type { RoleHost } from "./real-server-pool.js";

/** A host as a program gives it to a cluster: its name is plain text, all else may be known later. */
export interface GivenHost {
  name: string;
  connection: RoleHost["connection"];
  deletedWith?: pulumi.Resource;
  after?: pulumi.Resource[];
  networkBackend?: RoleHost["networkBackend"];
}

/** Keeps the length rule satisfied while the true password is not known, or must not enter a plan. */
export const PASS_STAND_IN = "********";

/** By name: the order of the stack file's lists means nothing, so it must not show as a change. */
export function connections(
  hosts: readonly GivenHost[],
  { networkBackend: shared }: Pick<GivenHost, "networkBackend"> = {},
): RoleHost[] {
  return hosts
    .map(({ name, connection, deletedWith, after, networkBackend = shared }) => ({
      name,
      connection,
      deletedWith,
      ...(after && { after }),
      ...(networkBackend !== undefined && { networkBackend }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A host without what is no part of the spec. */
export function bare<Host extends { [Key in keyof GivenHost]?: GivenHost[Key] | undefined }>(
  host: Host,
): Omit<Host, "connection" | "deletedWith" | "after"> {
  const { connection, deletedWith, after, ...rest } = host;
  void [connection, deletedWith, after];
  return rest;
}

/** Backup first: the director with the lowest priority is changed before the one that serves. */
export function rollout(hosts: RoleHost[], directors: readonly { name: string; priority?: unknown }[]): RoleHost[] {
  const priority = new Map(directors.map((director) => [director.name, director.priority ?? 100]));
  const known = [...priority.values()].every((value) => typeof value === "number");
  return known ? [...hosts].sort((a, b) => Number(priority.get(a.name)) - Number(priority.get(b.name))) : hosts;
}

/** Shown without the stack trace of the user's program, which would tell nothing. */
export function refusal(problems: Problem[]): pulumi.RunError {
  return new pulumi.RunError(new SpecError(problems).message);
}

/** What was parsed; throws the problems when there are any. */
export function accepted<Made extends object>(result: Made | { problems: Problem[] }): Made {
  if ("problems" in result) throw refusal(result.problems);
  return result;
}

/** The VRRP password with its own rule checked, once the rest is known to be right; as secret as it came. */
export function checkedAuth<Spec extends { vrrp?: Vrrp | undefined }>(
  spec: pulumi.Output<Spec>,
  authPass: pulumi.Input<string | undefined> | undefined,
  parse: (input: unknown) => object,
): pulumi.Input<string | undefined> | undefined {
  if (authPass === undefined || typeof authPass === "string") return authPass;
  return pulumi.all([spec as pulumi.Output<{ vrrp?: Vrrp }>, authPass]).apply(([{ vrrp, ...rest }, pass]) => {
    const result = parse({ ...rest, vrrp: { ...vrrp, authPass: pass } });
    const problems = "problems" in result ? (result.problems as Problem[]) : [];
    const own = problems.filter(({ path }) => path === "cluster.vrrp.authPass");
    if (own.length > 0) throw refusal(own);
    return pass;
  });
}

/** A spec without the password, which would make all that is made of it secret. */
export function hideAuth<Spec extends { vrrp?: Vrrp | undefined }>(spec: Spec): Spec {
  return spec.vrrp?.authPass === undefined ? spec : { ...spec, vrrp: { ...spec.vrrp, authPass: PASS_STAND_IN } };
}

/**
 * Options under which a cluster takes over what one of the other type and the same name has made, so that a cluster of proxies
 * can become one of LVS, and the other way round, on hosts that stay what they are.
 */
export function aliasOf(
  type: string,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions {
  return { ...options, aliases: [...(options?.aliases ?? []), { type }] };
}
