/** pulumi-language-nodejs, for machines that cannot get the official language host. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import * as languageService from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { listen } from "../lib/listen";
import { requiredPackages } from "./packages";
import { runProgram, stopPrograms, type RunRequest } from "./program";

/** The engine starts the host with its own address as the last argument. */
const engineAddress = process.argv.at(-1) ?? "";

/** A unary method from an async function; what it throws is the call's error. */
function unary<Request, Response>(
  work: (request: Request, signal: AbortSignal) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on("cancelled", () => {
      cancelled.abort();
    });
    Promise.resolve()
      .then(() => work(call.request, cancelled.signal))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback({ code: grpc.status.UNKNOWN, details: (error as Error).message });
        },
      );
  };
}

function runRequest(request: language.RunRequest): RunRequest {
  const info = request.getInfo();
  return {
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    rootDirectory: info?.getRootDirectory() ?? request.getPwd(),
    programDirectory: info?.getProgramDirectory() ?? request.getPwd(),
    entryPoint: info?.getEntryPoint() ?? request.getProgram(),
    args: request.getArgsList(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    monitorAddress: request.getMonitorAddress(),
    engineAddress,
    config: Object.fromEntries(request.getConfigMap().toObject(true)),
    configSecretKeys: request.getConfigsecretkeysList(),
    options: info?.getOptions()?.toJavaScript() ?? {},
  };
}

async function about(): Promise<language.AboutResponse> {
  const { stdout } = await promisify(execFile)("npm", ["--version"]).catch(() => ({ stdout: "" }));
  const response = new language.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  response.getMetadataMap().set("packagemanager", "npm");
  response.getMetadataMap().set("packagemanagerVersion", stdout.trim());
  return response;
}

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
// What is not here (code generation, packing) answers that it is not implemented.
server.addService(languageService.LanguageRuntimeService as unknown as grpc.ServiceDefinition, {
  handshake: unary(() => new language.LanguageHandshakeResponse()),
  getPluginInfo: unary(() => new plugin.PluginInfo()),
  about: unary(about),
  getRequiredPackages: unary((request: language.GetRequiredPackagesRequest) => {
    const response = new language.GetRequiredPackagesResponse();
    for (const needed of requiredPackages(request.getInfo()?.getProgramDirectory() ?? process.cwd())) {
      const dependency = new plugin.PackageDependency();
      dependency.setName(needed.name);
      dependency.setKind(needed.kind);
      dependency.setVersion(needed.version);
      if (needed.server !== undefined) dependency.setServer(needed.server);
      response.addPackages(dependency);
    }
    return response;
  }),
  getRequiredPlugins: unary(() => new language.GetRequiredPluginsResponse()),
  getProgramDependencies: unary(() => new language.GetProgramDependenciesResponse()),
  runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
  run: unary(async (request: language.RunRequest, signal) => {
    const { error, bail } = await runProgram(runRequest(request), signal);
    const response = new language.RunResponse();
    response.setError(error);
    response.setBail(bail);
    return response;
  }),
  cancel: unary(() => {
    stopPrograms();
    return new Empty();
  }),
});
listen(server, stopPrograms);
