/**
 * Serves a provider to the Pulumi engine: gRPC on a loopback port that is printed on stdout, as the engine expects of
 * every plugin. `@pulumi/pulumi/provider` has a server too, but it can not answer with detailed diffs, can not keep
 * refreshed inputs and always takes secrets, so the raw service is used here.
 */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";

import { listen } from "./listen";
import { answerTo, METHODS, requestOf, toStruct } from "./messages";
import type { InitFailure, MessageSink, Severity } from "./protocol";
import { providerService, ServiceError } from "./service";
import type { ProviderDefinition } from "./types";

export { hasUnknown } from "./marshal";
export { providerService, ServiceError } from "./service";
export * from "./types";

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
      if (!address) {
        return;
      }
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
  for (const method of METHODS) {
    const ask = async (request: object): Promise<object> =>
      answerTo(method, await service[method](requestOf(request) as never));
    const unary: grpc.handleUnaryCall<object, object> = (call, callback) => {
      ask(call.request).then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback(grpcError(error));
        },
      );
    };
    implementation[method] = unary as grpc.UntypedHandleCall;
  }
  server.addService(ResourceProviderService, implementation);
  listen(server, async () => {
    await service.cancel();
    await service.idle();
  });
}
