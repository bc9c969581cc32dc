/** pulumi-language-nodejs, for machines that cannot get the official language host. */
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { listen } from "../lib/listen";
import { languageHost } from "./host";
import type { RequiredPackage } from "./packages";
import type { ProgramInfo, RunRequest } from "./program";

const host = languageHost(
  process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1),
);

function infoOf(info: proto.ProgramInfo | undefined): ProgramInfo {
  return {
    rootDirectory: info?.getRootDirectory() ?? "",
    programDirectory: info?.getProgramDirectory() ?? "",
    entryPoint: info?.getEntryPoint() ?? ".",
    options: info?.getOptions()?.toJavaScript() ?? {},
  };
}

function runRequest(q: proto.RunRequest): RunRequest {
  return {
    project: q.getProject(),
    stack: q.getStack(),
    organization: q.getOrganization(),
    args: q.getArgsList(),
    config: Object.fromEntries(q.getConfigMap().toArray()),
    configSecretKeys: q.getConfigsecretkeysList(),
    dryRun: q.getDryrun(),
    parallel: q.getParallel(),
    monitorAddress: q.getMonitorAddress(),
    info: infoOf(q.getInfo()),
  };
}

function dependencyMessage(required: RequiredPackage): plugin.PackageDependency {
  const { parameterization } = required;
  return new plugin.PackageDependency()
    .setName(required.name)
    .setKind(required.kind)
    .setVersion(required.version)
    .setServer(required.server ?? "")
    .setParameterization(
      parameterization &&
        new plugin.PackageParameterization()
          .setName(parameterization.name)
          .setVersion(parameterization.version)
          .setValue(parameterization.value),
    );
}

/** Answers of plain functions, and their errors with the gRPC status that Go's servers give. */
function unary(
  handle: (request: never, signal: AbortSignal) => object | Promise<object>,
): grpc.UntypedHandleCall {
  const handler: grpc.handleUnaryCall<never, object> = (call, callback) => {
    const gone = new AbortController();
    call.on("cancelled", () => {
      gone.abort();
    });
    Promise.resolve()
      .then(() => handle(call.request, gone.signal))
      .then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback({
            code: grpc.status.UNKNOWN,
            details: error instanceof Error ? error.message : String(error),
          });
        },
      );
  };
  return handler as grpc.UntypedHandleCall;
}

// What else the protocol has is answered with UNIMPLEMENTED, by name. The engine asks `about` for an update's notes, and
// goes on without.
const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, {
  handshake: unary((q: proto.LanguageHandshakeRequest) => {
    host.handshake(q.getEngineAddress());
    return new proto.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new plugin.PluginInfo()),
  getRequiredPackages: unary((q: proto.GetRequiredPackagesRequest) =>
    new proto.GetRequiredPackagesResponse().setPackagesList(
      host.getRequiredPackages(infoOf(q.getInfo())).map(dependencyMessage),
    ),
  ),
  run: unary(async (q: proto.RunRequest, signal) => {
    const { error = "", bail = false } = await host.run(runRequest(q), signal);
    return new proto.RunResponse().setError(error).setBail(bail);
  }),
  cancel: unary(() => {
    host.cancel();
    return new Empty();
  }),
});
listen(server, async () => {
  host.cancel();
  await host.idle();
});
