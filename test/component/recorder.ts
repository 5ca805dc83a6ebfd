import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { unwrap, type Properties } from "../../infra/provider/values.js";

/** A resource as the program asked the engine for it. Resources are called `<type> <name>`: `Host lvs-rs1`. */
export interface Registered {
  type: string;
  /** Its parent; empty for the stack's own. */
  parent: string;
  /** The resources that must exist before it, in alphabetical order. */
  dependsOn: string[];
  /** The resource whose deletion makes its own unnecessary. */
  deletedWith: string;
  inputs: Properties;
  /** Paths in `inputs` that are secret, as `connection.privateKey`. */
  secrets: string[];
  /** Seconds for creating it, as `10m`. */
  createTimeout: string;
}

/** What a mocked engine is like. */
export interface Circumstances {
  preview?: boolean;
  /** Outputs that the engine gives besides the inputs. */
  outputs?: (type: string, name: string, inputs: Properties) => Properties;
}

/** Runs a program against a mocked engine; tells every resource as `<type> <name>`, in the order of registration. */
export async function record<T>(
  program: () => T,
  { preview = false, outputs = () => ({}) }: Circumstances = {},
): Promise<{ resources: Record<string, Registered>; result: T }> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: preview ? undefined : `${name}-id`,
        state: { ...(inputs as Properties), ...outputs(type, name, inputs as Properties) },
      }),
      call: ({ token }) => {
        throw new Error(`nothing must be called, got ${token}`);
      },
    },
    "lvs",
    "test",
    preview,
  );
  const resources: Record<string, Registered> = {};
  // The mocks tell neither parents nor dependencies, and make a whole property secret for a secret inside it.
  const monitor = getMonitor() as unknown as {
    registerResource: (request: RegisterResourceRequest, ...rest: unknown[]) => void;
  };
  const original = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, ...rest) => {
    const called = `${shortType(request.getType())} ${request.getName()}`;
    if (resources[called]) throw new Error(`there are two of ${called}`);
    resources[called] = registered(request);
    original(request, ...rest);
  };
  const result = program();
  await pulumi.runtime.disconnect();
  return { resources, result };
}

function registered(request: RegisterResourceRequest): Registered {
  const { properties, secrets } = unwrap(request.getObject());
  return {
    type: request.getType(),
    parent: calledIn(request.getParent()),
    dependsOn: request.getDependenciesList().map(calledIn).sort(),
    deletedWith: calledIn(request.getDeletedwith()),
    inputs: properties,
    secrets: [...secrets].map((path) => (JSON.parse(path) as string[]).join(".")).sort(),
    createTimeout: request.getCustomtimeouts()?.getCreate() ?? "",
  };
}

function calledIn(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return type === "" || type === "pulumi:pulumi:Stack" ? "" : `${shortType(type)} ${name}`;
}

/** `Host` of `lvs:index:LvsCluster$lvs:index:RealServerPool$lvs:index:Host`. */
function shortType(type: string): string {
  return type.split(":").at(-1) ?? "";
}

/** The value of an output, once it is known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => output.apply((value) => resolve(value as pulumi.Unwrap<T>)));
}
