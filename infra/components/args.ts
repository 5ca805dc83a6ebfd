import * as pulumi from "../resources/pulumi.js";
import type { ClusterInput } from "../spec/index.js";
import type { ConnectionArgs } from "../resources/connection.js";

/** A value of the stack file where any part may come from another resource. */
export type Inputs<T> = T extends (infer Item)[]
  ? pulumi.Input<Inputs<Item>[]>
  : T extends object
    ? pulumi.Input<{ [Key in keyof T]: Inputs<T[Key]> }>
    : pulumi.Input<T>;

type Role = "directors" | "realServers" | "routers";
type HostOf<List extends Role> = NonNullable<ClusterInput[List]>[number];
type VrrpInput = NonNullable<ClusterInput["vrrp"]>;

/** A host of a cluster: its name is plain text, since resources are named after it; all else may be an Input. */
export type ClusterHost<List extends Role> = { name: string } & {
  [Key in keyof Omit<HostOf<List>, "name" | "connection">]: Inputs<HostOf<List>[Key]>;
} & {
  /** How to reach it; `@pulumi/command`'s connection arguments fit, too. */
  connection: pulumi.Input<ConnectionArgs>;
  /** When this resource (a virtual machine) is deleted in the same run, nothing is restored on the host first. */
  deletedWith?: pulumi.Resource;
  /** What must be there before anything is done on it, such as the proxy that serves on it in the layer behind. */
  after?: pulumi.Resource[];
};

/** A cluster: the fields of the stack file (`docs/stack-file.md`), where values may come from other resources. */
export interface LvsClusterArgs {
  /** Name written into the files on the hosts; the component's name when left out. */
  name?: string;
  forwarding: pulumi.Input<ClusterInput["forwarding"]>;
  vips: Inputs<ClusterInput["vips"]>;
  /** What the directors share; left out for one director without keepalived. */
  vrrp?: { [Key in keyof VrrpInput]: Inputs<VrrpInput[Key]> };
  dip?: Inputs<ClusterInput["dip"]>;
  lips?: Inputs<ClusterInput["lips"]>;
  tunnel?: Inputs<ClusterInput["tunnel"]>;
  ipvs?: Inputs<ClusterInput["ipvs"]>;
  networkBackend?: Inputs<NonNullable<ClusterInput["networkBackend"]>>;
  metrics?: Inputs<ClusterInput["metrics"]>;
  firewall?: Inputs<ClusterInput["firewall"]>;
  routers?: ClusterHost<"routers">[];
  directors: ClusterHost<"directors">[];
  realServers: ClusterHost<"realServers">[];
  services: Inputs<ClusterInput["services"]>;
  /** From where requests through the VIPs are made, to prove that the cluster serves. */
  verification?: { client: string; connection: pulumi.Input<ConnectionArgs> };
}

/** True when there is an Output or a promise anywhere inside: then the value is known later only. */
export function isPending(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return true;
  if (Array.isArray(value)) return value.some(isPending);
  return value !== null && typeof value === "object" && Object.values(value).some(isPending);
}
