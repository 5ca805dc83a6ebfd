export { planCluster, planProxy } from "./plan.js";
export { renderTemplate } from "./render.js";
