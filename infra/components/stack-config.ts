import * as pulumi from "../resources/pulumi.js";
import { checkTogether, parseCluster, parseLab, SpecError, type ClusterInput, type LabInput } from "../spec/index.js";
import type { LvsClusterArgs } from "./args.js";
import { Lab } from "./lab.js";
import { LvsCluster } from "./lvs-cluster.js";

/** What a stack file made: its lab, its cluster, or both. */
export interface StackResources {
  lab?: Lab;
  cluster?: LvsCluster;
}

/** Makes what the stack file describes under `lvs:lab` and `lvs:cluster`; throws every problem at once before that. */
export function fromStackFile(): StackResources {
  const labInput = section("lab");
  const clusterInput = section("cluster");
  checkStackFile(labInput, clusterInput);

  const lab = labInput === undefined ? undefined : new Lab("lab", labInput as LabInput);
  if (clusterInput === undefined) return lab ? { lab } : {};
  const args = withConnections(clusterInput as ClusterInput, lab);
  const cluster = new LvsCluster("lvs", args);
  return lab ? { lab, cluster } : { cluster };
}

/** A part of the stack file. Its secrets are in the clear here: the components mark them again. */
function section(key: string): unknown {
  // Not `requireObject`: it warns of the secrets inside, and `requireSecretObject` would make every line of it secret.
  const text = pulumi.allConfig()[`lvs:${key}`];
  return text === undefined ? undefined : JSON.parse(text);
}

function checkStackFile(labInput: unknown, clusterInput: unknown): void {
  const lab = labInput === undefined ? undefined : parseLab(labInput);
  const cluster = clusterInput === undefined ? undefined : parseCluster(clusterInput);
  const problems = [lab, cluster].flatMap((result) => (result && "problems" in result ? result.problems : []));
  if (lab && cluster && "lab" in lab && "cluster" in cluster) problems.push(...checkTogether(cluster.cluster, lab.lab));
  if (!lab && !cluster)
    problems.push({
      path: "lvs:cluster",
      rule: "a stack file describes a cluster, a lab or both",
      got: "nothing",
      next: "See docs/stack-file.md.",
    });
  // A RunError is shown without the stack trace of this program, which would tell the user nothing.
  if (problems.length > 0) throw new pulumi.RunError(new SpecError(problems).message);
}

/** Hosts without a connection of their own are the lab's machines of the same name. */
function withConnections(cluster: ClusterInput, lab: Lab | undefined): LvsClusterArgs {
  const connected = <T extends { name: string; connection?: unknown }>(host: T) => {
    const machine = lab?.machines[host.name];
    if (host.connection || !machine) return host;
    return { ...host, connection: machine.connection, deletedWith: machine };
  };
  const { verification } = cluster;
  const client = verification && connected({ name: verification.client, connection: verification.connection });
  return {
    ...cluster,
    directors: cluster.directors.map(connected),
    realServers: cluster.realServers.map(connected),
    ...(cluster.routers && { routers: cluster.routers.map(connected) }),
    ...(client ? { verification: { client: client.name, connection: client.connection } } : {}),
  } as unknown as LvsClusterArgs;
}
