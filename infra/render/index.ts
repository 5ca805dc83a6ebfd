export { planCluster } from "./plan.js";
export { renderTemplate } from "./render.js";
