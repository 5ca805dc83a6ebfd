import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import type { Service } from "../service.js";

/** The weight of each member of a service, 0 for one that drains; undefined where it is not known. */
export function weightsOf(
  pool: NonNullable<Draft<Cluster>["realServers"]>,
  members: Draft<Service>["realServers"],
): (number | undefined)[] {
  const weight = (server: (typeof pool)[number]) => (server?.drain === true ? 0 : server?.weight);
  if (members === undefined) return pool.map(weight);
  return members.map((part) => {
    const server = pool.find((each) => each?.name === part?.name);
    return server?.drain === true ? 0 : (part?.weight ?? weight(server));
  });
}

/** True when every item has the right shape, so that a missing name is really missing. */
export function complete(
  list: readonly ({ readonly name?: string; readonly address?: string } | undefined)[] | undefined,
): boolean {
  return list?.every((item) => item !== undefined && (item.name ?? item.address) !== undefined) === true;
}
