/** Recorded calls of the real plugins, and what is needed to ask the stand-ins the same. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";

import type { JsonObject } from "../../lib/marshal";
import type { ProviderService } from "../../lib/protocol";
import { ServiceError } from "../../lib/serve";

export interface Call {
  /** Without the service's name. */
  method: string;
  request: JsonObject;
  response?: JsonObject;
  errors?: string[];
}

/** @returns the calls of a plugin; fails if there are none */
export function recordedCalls(plugin: string): Call[] {
  const file = join(__dirname, "..", "recorded", `${plugin}.jsonl`);
  const calls = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Call);
  assert.ok(calls.length > 0, `no recorded calls in ${file}`);
  return calls;
}

/** Says which call a test is about. */
export function title({ method, request }: Call, index: number): string {
  const name = typeof request.urn === "string" ? ` ${request.urn.split("::").at(-1) ?? ""}` : "";
  return `${method}${name} (${index + 1})`;
}

type AnyMethod = (request: JsonObject) => Promise<unknown>;

/** Asks the stand-in what the real plugin was asked. @returns the answer as JSON */
export async function replay(service: ProviderService, { method, request }: Call): Promise<JsonObject> {
  const name = `${method.charAt(0).toLowerCase()}${method.slice(1)}` as keyof ProviderService;
  const answer = await (service[name] as unknown as AnyMethod)(request);
  return JSON.parse(JSON.stringify(answer)) as JsonObject;
}

/** Expects the same gRPC status as the real plugin gave. */
export async function expectSameError(service: ProviderService, call: Call): Promise<void> {
  const [, code] = /code = (\w+)/.exec(call.errors?.[0] ?? "") ?? [];
  assert.equal(code, "Unimplemented", "only this status was recorded");
  await assert.rejects(
    replay(service, call),
    (error) => error instanceof ServiceError && error.code === status.UNIMPLEMENTED,
  );
}
