/**
 * What we use of Pulumi's SDK, from the modules that hold it: its index brings 570 further ones along (closures, dynamic
 * providers, the Automation API), which take longer to load than all else of a program.
 */
export { RunError } from "@pulumi/pulumi/errors";
export { getStack } from "@pulumi/pulumi/metadata";
export { Output, all, output, secret, unsecret, type Input } from "@pulumi/pulumi/output";
export {
  ComponentResource,
  CustomResource,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Resource,
} from "@pulumi/pulumi/resource";
export { allConfig } from "@pulumi/pulumi/runtime/config";

/**
 * Makes a resource without the stack trace that the SDK keeps of each of its seventy promises, mapped to sources, for the
 * case that one of them leaks: with a hundred hosts it computes longer on these than on all else.
 */
export function untraced<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"] === undefined) Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
