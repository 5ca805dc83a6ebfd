import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import * as service from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Engine } from "./engine.js";
import { refreshAsked } from "./engine-flags.js";
import { PartialFailure, type Context, type Kind } from "./kind.js";
import { isUnknown, unwrap, wrap, type Properties } from "./values.js";

type Handler<Request, Response> = (
  call: grpc.ServerUnaryCall<Request, Response>,
  callback: grpc.sendUnaryData<Response>,
) => void;

/** Serves resource kinds to the Pulumi engine over gRPC (pulumi/pulumi `proto/pulumi/provider.proto`). */
export class Server {
  private readonly kinds: Map<string, Kind>;
  private readonly cancelled = new AbortController();
  private readonly server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  private engine: Engine;
  /** Requests that have no answer yet. */
  private underWay = 0;

  constructor(
    kinds: Kind[],
    engineAddress: string,
    private readonly version: string,
  ) {
    this.kinds = new Map(kinds.map((kind) => [kind.token, kind]));
    this.engine = new Engine(engineAddress, this.cancelled.signal);
  }

  /** Listens on a free loopback port and gives its number. */
  async listen(): Promise<number> {
    this.server.addService(service.ResourceProviderService, this.handlers());
    return new Promise((resolve, reject) =>
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  }

  /**
   * Takes no new request, and waits for the answers to those that came. With none of them there is nothing to wait for: not for
   * the end of the engine's connection either, of which grpc-js does not always hear when the engine hangs up at this moment.
   */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve, reject) =>
      this.server.tryShutdown((error) => (error ? reject(error) : resolve())),
    );
    return this.underWay === 0 ? Promise.resolve() : closed;
  }

  private answer<Request, Response>(work: (request: Request) => Promise<Response>): Handler<Request, Response> {
    return (call, callback) => {
      this.underWay += 1;
      work(call.request)
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(toServiceError(error), null),
        )
        .finally(() => (this.underWay -= 1));
    };
  }

  private handlers(): grpc.UntypedServiceImplementation {
    return {
      configure: this.answer(async () => {
        const response = new proto.ConfigureResponse();
        response.setAcceptsecrets(true);
        response.setSupportspreview(true);
        return response;
      }),
      checkConfig: this.answer(async (request: proto.CheckRequest) => {
        // The engine hands every `lvs:` value of the stack file to the provider of that name; they are the program's, and
        // must not be kept a second time in the state.
        const config = Object.entries(request.getNews()?.toJavaScript() ?? {});
        const own = Object.fromEntries(config.filter(([key]) => !["lab", "cluster", "layers"].includes(key)));
        const response = new proto.CheckResponse();
        response.setInputs(wrap(own, new Set()));
        return response;
      }),
      diffConfig: this.answer(async () => new proto.DiffResponse()),
      getPluginInfo: this.answer(async () => {
        const response = new PluginInfo();
        response.setVersion(this.version);
        return response;
      }),
      getSchema: this.answer(async () => {
        const response = new proto.GetSchemaResponse();
        response.setSchema(JSON.stringify({ name: "lvs", version: this.version }));
        return response;
      }),
      attach: this.answer(async (request: { getAddress(): string }) => {
        this.engine = new Engine(request.getAddress(), this.cancelled.signal);
        return new Empty();
      }),
      cancel: this.answer(async () => {
        this.cancelled.abort(new Error("interrupted"));
        return new Empty();
      }),
      check: this.answer((request: proto.CheckRequest) => this.check(request)),
      diff: this.answer((request: proto.DiffRequest) => this.diff(request)),
      create: this.answer((request: proto.CreateRequest) => this.create(request)),
      read: this.answer((request: proto.ReadRequest) => this.read(request)),
      update: this.answer((request: proto.UpdateRequest) => this.update(request)),
      delete: this.answer((request: proto.DeleteRequest) => this.delete(request)),
    };
  }

  private kind(urn: string): Kind {
    const token = urn.split("::")[2]?.split("$").pop() ?? "";
    const kind = this.kinds.get(token);
    if (!kind) throw new Error(`provider lvs: unknown resource type, got "${token}". Use the classes of pulumi-lvs.`);
    return kind;
  }

  private async check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    const kind = this.kind(request.getUrn());
    const news = unwrap(request.getNews());
    const response = new proto.CheckResponse();
    response.setInputs(wrap(news.properties, news.secrets, kind.secrets));
    for (const [property, reason] of kind.check?.(news.properties) ?? []) {
      const failure = new proto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      response.addFailures(failure);
    }
    return response;
  }

  private async diff(request: proto.DiffRequest): Promise<proto.DiffResponse> {
    const kind = this.kind(request.getUrn());
    const olds = unwrap(request.getOlds()).properties;
    const oldInputs = unwrap(request.getOldInputs()).properties;
    const { changes, replace = [] } = kind.diff(oldInputs, unwrap(request.getNews()).properties, olds);
    const response = new proto.DiffResponse();
    const { DiffChanges } = proto.DiffResponse;
    response.setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
    response.setHasdetaileddiff(true);
    response.setDeletebeforereplace(true);
    const { Kind: DiffKind } = proto.PropertyDiff;
    for (const { path, kind: what } of changes) {
      const replaces = replace.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
      const property = new proto.PropertyDiff();
      property.setInputdiff(true);
      property.setKind(
        {
          add: replaces ? DiffKind.ADD_REPLACE : DiffKind.ADD,
          delete: replaces ? DiffKind.DELETE_REPLACE : DiffKind.DELETE,
          update: replaces ? DiffKind.UPDATE_REPLACE : DiffKind.UPDATE,
        }[what],
      );
      response.getDetaileddiffMap().set(path, property);
      const top = path.split(/[.[]/)[0] ?? path;
      if (!response.getDiffsList().includes(top)) response.addDiffs(top);
      if (replaces && !response.getReplacesList().includes(top)) response.addReplaces(top);
    }
    return response;
  }

  private async create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
    const kind = this.kind(request.getUrn());
    const { properties, secrets } = unwrap(request.getProperties());
    const response = new proto.CreateResponse();
    const context = this.engine.context(request.getUrn());
    if (request.getPreview()) {
      // The engine itself refreshes only what is in the state.
      if (kind.overwrites && !isUnknown(properties) && (await refreshAsked()))
        context.info((await kind.overwrites(context, properties)).join("\n"));
      response.setProperties(wrap(await planned(kind, context, properties), secrets, kind.secrets));
      return response;
    }
    const { id, outputs } = await keepPartial(kind, secrets, properties, () => kind.create(context, properties));
    response.setId(id);
    response.setProperties(wrap(outputs, secrets, kind.secrets));
    return response;
  }

  private async read(request: proto.ReadRequest): Promise<proto.ReadResponse> {
    const kind = this.kind(request.getUrn());
    const inputs = unwrap(request.getInputs());
    const outputs = unwrap(request.getProperties());
    const context = this.engine.context(request.getUrn());
    const found = await kind.read(context, request.getId(), inputs.properties, outputs.properties);
    const response = new proto.ReadResponse();
    if (!found) return response;
    response.setId(request.getId());
    response.setInputs(wrap(found.inputs, inputs.secrets, kind.secrets));
    response.setProperties(wrap(found.outputs, new Set([...inputs.secrets, ...outputs.secrets]), kind.secrets));
    return response;
  }

  private async update(request: proto.UpdateRequest): Promise<proto.UpdateResponse> {
    const kind = this.kind(request.getUrn());
    const olds = unwrap(request.getOlds()).properties;
    const oldInputs = unwrap(request.getOldInputs()).properties;
    const { properties: news, secrets } = unwrap(request.getNews());
    const response = new proto.UpdateResponse();
    const context = this.engine.context(request.getUrn());
    if (request.getPreview()) {
      // As one message: several would be shown in any order.
      const foretold = isUnknown(news) ? [] : (kind.foretell?.(olds, oldInputs, news) ?? []);
      if (foretold.length > 0) context.info(foretold.join("\n"));
      response.setProperties(wrap(await planned(kind, context, news, olds), secrets, kind.secrets));
      return response;
    }
    const { outputs } = await keepPartial(kind, secrets, news, () =>
      kind.update(context, request.getId(), olds, oldInputs, news),
    );
    response.setProperties(wrap(outputs, secrets, kind.secrets));
    return response;
  }

  private async delete(request: proto.DeleteRequest): Promise<Empty> {
    const kind = this.kind(request.getUrn());
    const context = this.engine.context(request.getUrn());
    const outputs = unwrap(request.getProperties()).properties;
    await kind.delete(context, request.getId(), outputs, unwrap(request.getOldInputs()).properties);
    return new Empty();
  }
}

class InitFailed extends Error {
  constructor(
    message: string,
    readonly detail: proto.ErrorResourceInitFailed,
  ) {
    super(message);
  }
}

/** Turns a {@link PartialFailure} into the error detail by which the engine keeps the half-made resource. */
async function keepPartial<T>(kind: Kind, secrets: Set<string>, news: Properties, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    const detail = new proto.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(wrap(error.outputs, secrets, kind.secrets));
    detail.setInputs(wrap(error.inputs ?? news, secrets, kind.secrets));
    detail.addReasons(error.message);
    throw new InitFailed(error.message, detail);
  }
}

function toServiceError(error: unknown): Partial<grpc.ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof InitFailed)) return { code: grpc.status.UNKNOWN, details: message };
  // The engine reads the resource from google.rpc.Status details (`sdk/go/common/util/rpcutil/rpcerror`).
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  const any = new Any();
  any.pack(error.detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

/** What a preview shows of a resource: what is known, and under `--refresh` what its host says. */
async function planned(kind: Kind, context: Context, inputs: Properties, olds?: Properties): Promise<Properties> {
  const known = kind.planned(inputs, olds);
  const ask = kind.foresee !== undefined && isUnknown(known) && !isUnknown(inputs) && (await refreshAsked());
  return ask ? await kind.foresee!(context, inputs) : known;
}
