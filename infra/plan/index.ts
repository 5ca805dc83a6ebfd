export { draftCluster } from "./cluster.js";
export type { FileDraft } from "./part.js";
export type * from "./types.js";
