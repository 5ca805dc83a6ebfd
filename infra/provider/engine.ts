import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { Context } from "./kind.js";

/** The engine's side of the conversation: status lines and messages in the terminal. */
export class Engine {
  private readonly client: EngineClient | undefined;

  constructor(
    address: string,
    private readonly signal: AbortSignal,
  ) {
    this.client = address ? new EngineClient(address, grpc.credentials.createInsecure()) : undefined;
  }

  /** A context for one operation on one resource. */
  context(urn: string): Context {
    const log = (severity: LogRequest["getSeverity"] extends () => infer S ? S : never, ephemeral: boolean) => {
      return (message: string) => this.log(urn, message, severity, ephemeral);
    };
    const name = urn.split("::").pop() ?? urn;
    const begin = Date.now();
    const status = log(LogSeverity.INFO, true);
    return {
      urn,
      name,
      // Named, because a terminal without a live table prints it as a line of its own.
      status: (message) => status(`${name}: ${message}, ${Math.round((Date.now() - begin) / 1000)} s`),
      info: log(LogSeverity.INFO, false),
      warn: log(LogSeverity.WARNING, false),
      signal: this.signal,
    };
  }

  private log(urn: string, message: string, severity: 0 | 1 | 2 | 3, ephemeral: boolean): void {
    const request = new LogRequest();
    request.setUrn(urn);
    request.setMessage(message);
    request.setSeverity(severity);
    request.setEphemeral(ephemeral);
    // A message that cannot be shown must not fail the work that it tells of; the engine may be gone already.
    this.client?.log(request, () => undefined);
  }
}
