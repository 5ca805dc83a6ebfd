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
