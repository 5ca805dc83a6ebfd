export { draftCluster } from "./cluster.js";
export { serviceKey } from "./keys.js";
export type { FileDraft } from "./part.js";
export { membersOf } from "./pool.js";
export type * from "./types.js";
export { floatingAddresses } from "./vips.js";
