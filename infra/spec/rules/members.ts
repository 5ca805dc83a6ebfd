import type { Cluster } from "../cluster.js";
import type { Draft } from "../draft.js";
import type { Service } from "../service.js";

/** The weight of each member of a service; undefined where it is not known. */
export function weightsOf(
  pool: NonNullable<Draft<Cluster>["realServers"]>,
  members: Draft<Service>["realServers"],
): (number | undefined)[] {
  if (members === undefined) return pool.map((server) => server?.weight);
  return members.map((part) => part?.weight ?? pool.find((server) => server?.name === part?.name)?.weight);
}

/** True when every item has the right shape, so that a missing name is really missing. */
export function complete(
  list: readonly ({ readonly name?: string; readonly address?: string } | undefined)[] | undefined,
): boolean {
  return list?.every((item) => item !== undefined && (item.name ?? item.address) !== undefined) === true;
}
