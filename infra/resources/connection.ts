import * as pulumi from "./pulumi.js";
import type { types } from "@pulumi/command";
import { toCommandConnection as plain } from "../host/connection.js";
import type { Connection } from "../host/types.js";

/** `@pulumi/command`'s vocabulary for a connection, whose fields are a subset of ours. */
export type CommandConnectionArgs = types.input.remote.ConnectionArgs;

/** How to reach a host; `@pulumi/command`'s `remote.ConnectionArgs` is accepted as it is. */
export type ConnectionArgs = {
  [Key in keyof Omit<Connection, "proxy">]: pulumi.Input<Connection[Key]>;
} & {
  /** Jump host. */
  proxy?: pulumi.Input<{
    [Key in keyof NonNullable<Connection["proxy"]>]: pulumi.Input<NonNullable<Connection["proxy"]>[Key]>;
  }>;
};

const SECRET_FIELDS = ["privateKey", "privateKeyPassword", "password", "sudoPassword"] as const;

/** Marks what is secret in a connection, also where its giver forgot to, and leaves out what only other tools know. */
export function secretConnection(connection: pulumi.Input<ConnectionArgs>): pulumi.Output<Connection> {
  const mark = (fields: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [
          key,
          (SECRET_FIELDS as readonly string[]).includes(key)
            ? pulumi.secret(value)
            : key === "proxy"
              ? pulumi.output(value as pulumi.Input<object>).apply((proxy) => pulumi.output(mark({ ...proxy })))
              : value,
        ]),
    );
  if (pulumi.Output.isInstance(connection) || connection instanceof Promise) return pulumi.output(connection);
  return pulumi.output(mark({ ...connection })) as unknown as pulumi.Output<Connection>;
}

/** A host of its own name, and the way to it. */
export interface NamedConnection {
  name: string;
  connection: pulumi.Input<ConnectionArgs>;
}

/** A named host whose connection has been through {@link secretConnection}. */
export function secretNamed({ name, connection }: NamedConnection) {
  return { name, connection: secretConnection(connection) };
}

/** The part of one of our connections that `remote.Command` of `@pulumi/command` takes. */
export function toCommandConnection(connection: pulumi.Input<ConnectionArgs>): pulumi.Output<CommandConnectionArgs> {
  return pulumi.output(connection).apply((fields) => plain(fields as Connection));
}
