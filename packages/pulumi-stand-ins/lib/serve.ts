/**
 * Serves a provider to the Pulumi engine: gRPC on a loopback port that is printed on stdout, as the engine expects of
 * every plugin. `@pulumi/pulumi/provider` has a server too, but it can not answer with detailed diffs, can not keep
 * refreshed inputs and always takes secrets, so the raw service is used here.
 */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { listen } from "./listen";
import type { JsonObject } from "./marshal";
import {
  type DiffResponse,
  type InitFailure,
  type MessageSink,
  type ProviderService,
  providerService,
  ServiceError,
  type Severity,
} from "./service";
import type { Autonaming, CheckFailure, ProviderDefinition } from "./types";

export { hasUnknown } from "./marshal";
export { providerService, type ProviderService, ServiceError } from "./service";
export * from "./types";

function toJson(struct: Struct | undefined): JsonObject {
  return struct?.toJavaScript() ?? {};
}
function toStruct(properties: JsonObject | undefined): Struct | undefined {
  return properties && Struct.fromJavaScript(properties);
}

function failureList(failures: CheckFailure[] | undefined): proto.CheckFailure[] {
  return (failures ?? []).map(({ property, reason }) =>
    new proto.CheckFailure().setProperty(property).setReason(reason),
  );
}

function inspected(result: { inputs?: JsonObject; failures?: CheckFailure[] }): proto.CheckResponse {
  return new proto.CheckResponse()
    .setInputs(toStruct(result.inputs))
    .setFailuresList(failureList(result.failures));
}

function diffMessage(diff: DiffResponse): proto.DiffResponse {
  const message = new proto.DiffResponse()
    .setChanges(proto.DiffResponse.DiffChanges[diff.changes ?? "DIFF_UNKNOWN"])
    .setReplacesList(diff.replaces ?? [])
    .setStablesList(diff.stables ?? [])
    .setDiffsList(diff.diffs ?? [])
    .setDeletebeforereplace(diff.deleteBeforeReplace ?? false)
    .setHasdetaileddiff(diff.hasDetailedDiff ?? false);
  for (const [path, { kind, inputDiff }] of Object.entries(diff.detailedDiff ?? {})) {
    const detail = new proto.PropertyDiff()
      .setKind(proto.PropertyDiff.Kind[kind])
      .setInputdiff(inputDiff ?? false);
    message.getDetaileddiffMap().set(path, detail);
  }
  return message;
}

function autonamingOf(request: proto.CheckRequest): { autonaming?: Autonaming } {
  const options = request.getAutonaming();
  if (!options) return {};
  const modes = ["PROPOSE", "ENFORCE", "DISABLE"] as const;
  return {
    autonaming: { proposedName: options.getProposedName(), mode: modes[options.getMode()] },
  };
}

const typed = (request: { getUrn(): string; getType(): string }): { urn: string; type: string } => ({
  urn: request.getUrn(),
  type: request.getType(),
});

type Handlers = Record<string, (request: never) => Promise<object>>;

/** The service's functions over protobuf messages. */
function handlers(service: ProviderService): Handlers {
  return {
    async handshake() {
      const answer = await service.handshake();
      return new proto.ProviderHandshakeResponse()
        .setAcceptSecrets(answer.acceptSecrets ?? false)
        .setAcceptResources(answer.acceptResources ?? false)
        .setAcceptOutputs(answer.acceptOutputs ?? false)
        .setSupportsAutonamingConfiguration(answer.supportsAutonamingConfiguration ?? false);
    },
    getPluginInfo: async () => new plugin.PluginInfo().setVersion((await service.getPluginInfo()).version),
    getSchema: async () => new proto.GetSchemaResponse().setSchema((await service.getSchema()).schema),
    checkConfig: async (q: proto.CheckRequest) =>
      inspected(await service.checkConfig({ news: toJson(q.getNews()) })),
    diffConfig: async (q: proto.DiffRequest) =>
      diffMessage(await service.diffConfig({ olds: toJson(q.getOlds()), news: toJson(q.getNews()) })),
    async configure(q: proto.ConfigureRequest) {
      const answer = await service.configure({ args: toJson(q.getArgs()) });
      return new proto.ConfigureResponse()
        .setAcceptsecrets(answer.acceptSecrets ?? false)
        .setSupportspreview(answer.supportsPreview ?? false)
        .setAcceptresources(answer.acceptResources ?? false)
        .setAcceptoutputs(answer.acceptOutputs ?? false)
        .setSupportsAutonamingConfiguration(answer.supportsAutonamingConfiguration ?? false);
    },
    check: async (q: proto.CheckRequest) =>
      inspected(
        await service.check({
          ...typed(q),
          olds: toJson(q.getOlds()),
          news: toJson(q.getNews()),
          randomSeed: q.getRandomseed_asB64(),
          ...autonamingOf(q),
        }),
      ),
    diff: async (q: proto.DiffRequest) =>
      diffMessage(
        await service.diff({
          ...typed(q),
          id: q.getId(),
          olds: toJson(q.getOlds()),
          ...(q.hasOldInputs() && { oldInputs: toJson(q.getOldInputs()) }),
          news: toJson(q.getNews()),
          ignoreChanges: q.getIgnorechangesList(),
        }),
      ),
    async create(q: proto.CreateRequest) {
      const made = await service.create({
        ...typed(q),
        properties: toJson(q.getProperties()),
        preview: q.getPreview(),
        timeout: q.getTimeout(),
      });
      return new proto.CreateResponse().setId(made.id ?? "").setProperties(toStruct(made.properties));
    },
    async read(q: proto.ReadRequest) {
      const found = await service.read({
        ...typed(q),
        id: q.getId(),
        ...(q.hasProperties() && { properties: toJson(q.getProperties()) }),
        ...(q.hasInputs() && { inputs: toJson(q.getInputs()) }),
      });
      return new proto.ReadResponse()
        .setId(found.id ?? "")
        .setProperties(toStruct(found.properties))
        .setInputs(toStruct(found.inputs));
    },
    async update(q: proto.UpdateRequest) {
      const { properties } = await service.update({
        ...typed(q),
        id: q.getId(),
        olds: toJson(q.getOlds()),
        ...(q.hasOldInputs() && { oldInputs: toJson(q.getOldInputs()) }),
        news: toJson(q.getNews()),
        ignoreChanges: q.getIgnorechangesList(),
        preview: q.getPreview(),
        timeout: q.getTimeout(),
      });
      return new proto.UpdateResponse().setProperties(toStruct(properties));
    },
    async delete(q: proto.DeleteRequest) {
      await service.delete({
        ...typed(q),
        id: q.getId(),
        properties: toJson(q.getProperties()),
        timeout: q.getTimeout(),
      });
      return new Empty();
    },
    async cancel() {
      await service.cancel();
      return new Empty();
    },
  };
}

/** What the caller gets of a failure; the engine reads what is left of a half-made resource from the status' details. */
export function grpcError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof ServiceError ? error.code : grpc.status.UNKNOWN;
  const init = error instanceof ServiceError ? error.initFailure : undefined;
  return { code, details: message, ...(init && { metadata: initFailureMetadata(message, init) }) };
}

function initFailureMetadata(message: string, failure: InitFailure): grpc.Metadata {
  const detail = new proto.ErrorResourceInitFailed()
    .setId(failure.id)
    .setProperties(toStruct(failure.properties))
    .setInputs(toStruct(failure.inputs))
    .setReasonsList(failure.reasons);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([packed]);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

const severities: Record<Severity, engine.LogSeverity> = {
  info: engine.LogSeverity.INFO,
  warning: engine.LogSeverity.WARNING,
  error: engine.LogSeverity.ERROR,
};

/** Messages to the engine, one after the other so that their order is kept. */
function engineMessages(address: string | undefined): MessageSink {
  let client: EngineClient | undefined;
  let sent: Promise<void> = Promise.resolve();
  return {
    send({ severity, text, urn, ephemeral }) {
      if (!address) return;
      const to = (client ??= new EngineClient(address, grpc.credentials.createInsecure(), {
        "grpc.max_send_message_length": -1,
      }));
      const request = new engine.LogRequest()
        .setSeverity(severities[severity])
        .setMessage(text)
        .setUrn(urn)
        .setEphemeral(ephemeral);
      sent = sent.then(
        () =>
          new Promise((resolve) => {
            // A message that the engine does not take must not fail the operation.
            to.log(request, () => {
              resolve();
            });
          }),
      );
    },
    flush: () => sent,
  };
}

/**
 * Serves the provider until the engine goes. The engine's address is the process' last argument; options may stand
 * before it.
 *
 * @param def the provider
 */
export function serve(def: ProviderDefinition): void {
  const service = providerService(def, engineMessages(process.argv.slice(2).at(-1)));
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const [name, handle] of Object.entries(handlers(service))) {
    const unary: grpc.handleUnaryCall<never, object> = (call, callback) => {
      handle(call.request).then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback(grpcError(error));
        },
      );
    };
    implementation[name] = unary as grpc.UntypedHandleCall;
  }
  server.addService(ResourceProviderService, implementation);
  listen(server, async () => {
    await service.cancel();
    await service.idle();
  });
}
