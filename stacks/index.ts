import { fromStackFile } from "../infra/index.js";

const { lab, cluster } = fromStackFile();

const outputs = {
  /** Management addresses of the lab's machines. */
  machines: lab?.addresses,
  vips: cluster?.vips,
  services: cluster?.services,
  /** Names, the one with the highest priority first. */
  directors: cluster?.directors,
  realServers: cluster?.realServers,
  /** What was seen when the cluster was last verified. */
  verification: cluster?.verification,
};

// A stack may have a lab without a cluster or the other way round; Pulumi warns of every output without a value.
export = Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
