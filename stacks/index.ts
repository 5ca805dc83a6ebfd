import { fromStackFile } from "../infra/index.js";

const { lab, cluster, layers } = fromStackFile();

type Made = NonNullable<typeof cluster>;

/** What of a cluster a person asks for first. */
const told = ({ vips, services, directors, realServers, verification }: Made) => ({
  vips,
  services,
  /** Names, the one with the highest priority first. */
  directors,
  realServers,
  /** What was seen when the cluster was last verified. */
  verification,
});

const outputs = {
  /** Management addresses of the lab's machines. */
  machines: lab?.addresses,
  ...(cluster && told(cluster)),
  /** The same of each layer. */
  layers: layers && Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, told(layer)])),
};

// A stack may have a lab without a cluster or the other way round; Pulumi warns of every output without a value.
export = Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
