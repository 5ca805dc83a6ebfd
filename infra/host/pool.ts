import { type Hooks, Pool } from "./ssh-pool.js";
import type { Connection, Host } from "./types.js";

const shared = new Pool();

/**
 * A host over SSH, from this process's one pool: no connection before its first batch, one for all batches, another one
 * when it broke in between. Its `run` throws `HostError` and `CommandError`.
 */
export async function openHost(name: string, connection: Connection, hooks: Hooks = {}): Promise<Host> {
  return shared.open(name, connection, hooks);
}

/** Ends all connections of this process, for its exit; batches that were sent run to their end on the hosts. */
export async function closeAll(): Promise<void> {
  await shared.closeAll();
}
