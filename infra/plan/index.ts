export { draftCluster } from "./cluster.js";
export { serviceKey } from "./keys.js";
export { draftProxy } from "./proxy/cluster.js";
export { vrrpCluster } from "./proxy/directors.js";
export { keySecret, serviceKeyOf } from "./proxy/service.js";
export type { FileDraft } from "./part.js";
export { membersOf } from "./pool.js";
export type * from "./types.js";
export { floatingAddresses } from "./vips.js";
