/** The public face of pulumi-lvs. */
export { Lab, type LabArgs } from "./components/lab.js";
export { LvsCluster, type ServiceOutput } from "./components/lvs-cluster.js";
export type { LvsClusterArgs, ClusterHost } from "./components/args.js";
export { DirectorPair } from "./components/director-pair.js";
export { ProxyPair, type ProxyPairArgs, type ProxyServiceArgs, type ProxiedServer } from "./components/proxy-pair.js";
export { RealServerPool, type RoleHost } from "./components/real-server-pool.js";
export { Router } from "./components/router.js";
export { fromStackFile, type StackResources } from "./components/stack-config.js";
export { Host, type HostArgs } from "./resources/host.js";
export { Director, type DirectorArgs } from "./resources/director.js";
export { Proxy, type ProxyArgs } from "./resources/proxy.js";
export { LabMachine, LabNetwork } from "./resources/lab.js";
export { Verification, type Evidence, type VerificationArgs } from "./resources/verification.js";
export { toCommandConnection, type CommandConnectionArgs, type ConnectionArgs } from "./resources/connection.js";
export {
  SpecError,
  parseCluster,
  parseLab,
  parseLayers,
  parseProxy,
  type Cluster,
  type ClusterInput,
  type LabInput,
  type ProxyInput,
} from "./spec/index.js";
