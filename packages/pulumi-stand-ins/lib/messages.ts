/** The protocol's messages as tables: which fields the service reads of a request, and what an answer is put into. */
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import type { JsonObject } from "./marshal";
import type { CheckFailure, PropertyDiff } from "./types";

/** Each method that the engine calls, and the message of its answer. */
const ANSWERS = {
  handshake: proto.ProviderHandshakeResponse,
  getPluginInfo: plugin.PluginInfo,
  getSchema: proto.GetSchemaResponse,
  checkConfig: proto.CheckResponse,
  diffConfig: proto.DiffResponse,
  configure: proto.ConfigureResponse,
  check: proto.CheckResponse,
  diff: proto.DiffResponse,
  create: proto.CreateResponse,
  read: proto.ReadResponse,
  update: proto.UpdateResponse,
  delete: Empty,
  cancel: Empty,
} as const;

export type Method = keyof typeof ANSWERS;
export const METHODS = Object.keys(ANSWERS) as Method[];

/** Fields of requests, with what their values become. A message has some of them; others are as they are. */
const REQUEST: Readonly<Record<string, (value: never) => unknown>> = {
  urn: same,
  type: same,
  id: same,
  olds: (value: Struct) => value.toJavaScript(),
  oldInputs: (value: Struct) => value.toJavaScript(),
  news: (value: Struct) => value.toJavaScript(),
  properties: (value: Struct) => value.toJavaScript(),
  inputs: (value: Struct) => value.toJavaScript(),
  args: (value: Struct) => value.toJavaScript(),
  ignoreChanges: same,
  preview: same,
  timeout: same,
  randomSeed: (value: Uint8Array) => Buffer.from(value).toString("base64"),
  autonaming: (value: proto.CheckRequest.AutonamingOptions) => ({
    proposedName: value.getProposedName(),
    mode: (["PROPOSE", "ENFORCE", "DISABLE"] as const)[value.getMode()],
  }),
};

/** Fields of answers whose values become something else. */
const ANSWER: Readonly<Record<string, (value: never) => unknown>> = {
  properties: toStruct,
  inputs: toStruct,
  failures: (failures: CheckFailure[]) =>
    failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason)),
  changes: (changes: keyof typeof proto.DiffResponse.DiffChanges) => proto.DiffResponse.DiffChanges[changes],
};

function same(value: never): unknown {
  return value;
}

export function toStruct(properties: JsonObject): Struct {
  return Struct.fromJavaScript(properties);
}

/** Messages spell a field each in their own way: `setAcceptsecrets`, `setAcceptSecrets`, `getIgnorechangesList`. */
function accessor(message: object, name: string): ((value?: unknown) => unknown) | undefined {
  const names = [name.toLowerCase(), `${name.toLowerCase()}list`];
  const found = Object.getOwnPropertyNames(Object.getPrototypeOf(message)).find((own) =>
    names.includes(own.toLowerCase()),
  );
  const method = found && (message as Record<string, (value?: unknown) => unknown>)[found];
  return method ? method.bind(message) : undefined;
}

/** A request in the form that the service takes; fields that were not sent are left out. */
export function requestOf(message: object): object {
  return Object.fromEntries(
    Object.entries(REQUEST).flatMap(([name, convert]) => {
      const value = accessor(message, `get${name}`)?.();
      return value === undefined ? [] : [[name, convert(value as never)]];
    }),
  );
}

/** The message of an answer. @throws Error if the message has no such field */
export function answerTo(method: Method, answer: object): object {
  const message = new ANSWERS[method]();
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined) {
      continue;
    }
    if (name === "detailedDiff") {
      addDetails(message as proto.DiffResponse, value as Record<string, PropertyDiff>);
      continue;
    }
    const set = accessor(message, `set${name}`);
    if (set === undefined) {
      throw new Error(`the answer to ${method} has no field ${name}`);
    }
    const convert = ANSWER[name] ?? same;
    set(convert(value as never));
  }
  return message;
}

function addDetails(message: proto.DiffResponse, details: Readonly<Record<string, PropertyDiff>>): void {
  for (const [path, { kind, inputDiff }] of Object.entries(details)) {
    const detail = new proto.PropertyDiff()
      .setKind(proto.PropertyDiff.Kind[kind])
      .setInputdiff(inputDiff ?? false);
    message.getDetaileddiffMap().set(path, detail);
  }
}
