import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { Properties } from "../../infra/provider/values.js";
import type { ClusterInput, LabInput } from "../../infra/spec/index.js";

/** The password in place of the encrypted one of the stack file. */
export const password = "s3cr3t";

/** Cluster and lab of `stacks/Pulumi.lab-dr.yaml`, a new copy each time. */
export function labDr(): { cluster: ClusterInput; lab: LabInput } {
  const text = readFileSync(join(__dirname, "../../stacks/Pulumi.lab-dr.yaml"), "utf8");
  const { config } = parse(text) as { config: { "lvs:cluster": ClusterInput; "lvs:lab": LabInput } };
  const cluster = config["lvs:cluster"];
  cluster.vrrp!.authPass = password;
  return { cluster, lab: config["lvs:lab"] };
}

/** What a stack file of `stacks/` says, with other secrets in the place of its encrypted ones; a new copy each time. */
export function stackOf(name: string, privateKey = ""): Record<"cluster" | "lab" | "layers", any> {
  const text = readFileSync(join(__dirname, `../../stacks/Pulumi.${name}.yaml`), "utf8");
  const { config } = parse(text, (key, value: unknown) => {
    if (key === "authPass") return password;
    return key === "privateKey" ? privateKey : value;
  }) as { config: Record<string, unknown> };
  return { cluster: config["lvs:cluster"], lab: config["lvs:lab"], layers: config["lvs:layers"] };
}

/** Sets what the stack file says, as the engine hands it to the program. */
export function stackFile(sections: { cluster?: unknown; lab?: unknown; layers?: unknown }): void {
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(sections).map(([key, value]) => [`lvs:${key}`, JSON.stringify(value)])),
  );
}

/** What the provider would add to a resource's inputs. */
export function made(type: string, _name: string, inputs: Properties): Properties {
  switch (type.split(":").at(-1)) {
    case "LabNetwork":
      return { lab: "test-abc123", subnet: "198.18.1.0/24" };
    case "LabMachine":
      return { connection: { host: `mgmt-of-${inputs["machine"] as string}`, user: "root", privateKey: "LAB KEY" } };
    case "Host":
      return { revision: 1, facts: {} };
    case "HostNetwork":
      return { found: { backend: "networkd", names: { ens32: "20-wired" } } };
    case "Proxy":
    case "Director":
      return { revision: 1 };
    default:
      return { evidence: { vipHolders: {}, tables: {}, realServers: {}, requests: {} } };
  }
}
