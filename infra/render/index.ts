export { planCluster, planFound, planProxy } from "./plan.js";
export { renderTemplate } from "./render.js";
