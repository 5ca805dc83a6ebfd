import { fromStackFile } from "../infra/index.js";

const { lab, cluster } = fromStackFile();

/** Connections and management addresses of the lab's machines, where the stack has a lab. */
export const machines = lab?.addresses;
export const vips = cluster?.vips;
export const services = cluster?.services;
export const directors = cluster?.directors;
export const realServers = cluster?.realServers;
/** What was seen when the cluster was last verified. */
export const verification = cluster?.verification;
