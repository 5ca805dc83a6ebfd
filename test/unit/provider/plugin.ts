import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

const executable = join(__dirname, "../../../infra/provider/pulumi-resource-lvs");

/** Pulumi's wrapper of a secret, as it travels. */
export const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const urnOf = (type: string, name: string) => `urn:pulumi:test::lvs::lvs:index:LvsCluster$${type}::${name}`;

/** Properties as they travel, with wrappers. */
export type Wire = Record<string, unknown>;

/** A half-made resource, as the engine is told of it. */
export interface Partial {
  id: string;
  properties: Wire;
  inputs: Wire;
  reasons: string[];
}

/** The real plugin as a child process, and what it says to a real engine's address. */
export class Plugin {
  private constructor(
    readonly child: ChildProcess,
    /** Every line for the terminal. */
    readonly said: string[],
    private readonly engine: grpc.Server,
    private readonly client: ResourceProviderClient,
  ) {}

  static async start(): Promise<Plugin> {
    const said: string[] = [];
    const engine = new grpc.Server();
    const log = (call: { request: LogRequest }, answer: grpc.sendUnaryData<Empty>) => {
      said.push(call.request.getMessage());
      answer(null, new Empty());
    };
    engine.addService(EngineService, { log });
    const enginePort = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    const child = spawn(executable, [`127.0.0.1:${enginePort}`], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    if (!/^\d+$/.test(line)) throw new Error(`the first line must be the port, got ${line}`);
    const client = new ResourceProviderClient(`127.0.0.1:${line}`, grpc.credentials.createInsecure());
    return new Plugin(child, said, engine, client);
  }

  /** Sends a signal; resolves with the exit code or the signal that ended it. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    this.client.close();
    this.engine.forceShutdown();
    if (this.child.exitCode !== null || this.child.signalCode !== null)
      return this.child.exitCode ?? this.child.signalCode ?? "";
    const ended = once(this.child, "exit") as Promise<[number | null, string | null]>;
    this.child.kill(signal);
    const [code, by] = await ended;
    return code ?? by ?? "";
  }

  configure(): Promise<proto.ConfigureResponse> {
    return this.call("configure", new proto.ConfigureRequest());
  }

  cancel(): Promise<Empty> {
    return this.call("cancel", new Empty());
  }

  async check(urn: string, news: Wire): Promise<Wire> {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    request.setNews(struct(news));
    return plain((await this.call<proto.CheckResponse>("check", request)).getInputs());
  }

  async diff(urn: string, oldInputs: Wire, news: Wire): Promise<proto.DiffResponse> {
    const request = new proto.DiffRequest();
    request.setUrn(urn);
    request.setId("id");
    request.setOlds(struct(oldInputs));
    request.setOldInputs(struct(oldInputs));
    request.setNews(struct(news));
    return this.call("diff", request);
  }

  async create(urn: string, properties: Wire, preview = false): Promise<{ id: string; properties: Wire }> {
    const request = new proto.CreateRequest();
    request.setUrn(urn);
    request.setProperties(struct(properties));
    request.setPreview(preview);
    const response = await this.call<proto.CreateResponse>("create", request);
    return { id: response.getId(), properties: plain(response.getProperties()) };
  }

  async read(urn: string, id: string, inputs: Wire, properties: Wire) {
    const request = new proto.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setInputs(struct(inputs));
    request.setProperties(struct(properties));
    const response = await this.call<proto.ReadResponse>("read", request);
    return { id: response.getId(), inputs: plain(response.getInputs()), properties: plain(response.getProperties()) };
  }

  async update(urn: string, id: string, olds: Wire, oldInputs: Wire, news: Wire, preview = false): Promise<Wire> {
    const request = new proto.UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(struct(olds));
    request.setOldInputs(struct(oldInputs));
    request.setNews(struct(news));
    request.setPreview(preview);
    return plain((await this.call<proto.UpdateResponse>("update", request)).getProperties());
  }

  async delete(urn: string, id: string, properties: Wire): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(struct(properties));
    await this.call("delete", request);
  }

  private call<Response>(method: string, request: unknown): Promise<Response> {
    type Method = (request: unknown, answer: (error: grpc.ServiceError | null, response: Response) => void) => void;
    const client = this.client as unknown as Record<string, Method>;
    return new Promise((resolve, reject) =>
      client[method]!.call(client, request, (error, response) => (error ? reject(error) : resolve(response))),
    );
  }
}

/** The half-made resource that an error tells of; undefined when there is none. */
export function partialOf(error: unknown): Partial | undefined {
  const [bytes] = (error as grpc.ServiceError).metadata.get("grpc-status-details-bin");
  if (bytes === undefined) return undefined;
  const [detail] = Status.deserializeBinary(bytes as Buffer).getDetailsList();
  const failed = proto.ErrorResourceInitFailed.deserializeBinary(detail!.getValue_asU8());
  return {
    id: failed.getId(),
    properties: plain(failed.getProperties()),
    inputs: plain(failed.getInputs()),
    reasons: failed.getReasonsList(),
  };
}

/** The error of work that must fail. */
export async function failure(work: Promise<unknown>): Promise<grpc.ServiceError> {
  const result = await work.then(
    () => undefined,
    (error: unknown) => error as grpc.ServiceError,
  );
  if (!result) throw new Error("must fail, but did not");
  return result;
}

function struct(value: Wire): Struct {
  return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

function plain(value: Struct | undefined): Wire {
  return value?.toJavaScript() ?? {};
}
