/** The stand-in random plugin gives the answers that the real one was recorded with. */
import assert from "node:assert/strict";

import { type JsonObject, SIGNATURE_KEY, UNKNOWN_TEXT } from "../../lib/marshal";
import { providerService } from "../../lib/serve";
import { randomProvider } from "../../random/provider";
import { type Call, expectSameError, recordedCalls, replay, title } from "../lib/replay";

/** What differs each time, down to its length. */
const generated: ReadonlySet<string> = new Set(["base64", "bcryptHash", "hex", "result"]);

/** An answer without what is random in it. */
function comparable(response: JsonObject): unknown {
  const length = (value: unknown): unknown =>
    typeof value === "string" && value !== UNKNOWN_TEXT ? `${value.length} characters` : value;
  const properties = Object.entries((response.properties ?? {}) as JsonObject).map(([name, value]) => {
    if (name === "id") {
      return [name, value === "none" || value === UNKNOWN_TEXT ? value : "made"];
    }
    if (!generated.has(name)) {
      return [name, value];
    }
    const secret = typeof value === "object" && value !== null && SIGNATURE_KEY in value;
    return [name, secret ? { ...value, value: length(value.value) } : length(value)];
  });
  const id = response.id === undefined || response.id === "none" ? response.id : "made";
  return { id, properties: Object.fromEntries(properties) as unknown };
}

describe("the stand-in random plugin", () => {
  const calls = recordedCalls("random");
  const service = providerService(randomProvider());
  const one = async (call: Call): Promise<void> => {
    if (call.errors) {
      return expectSameError(service, call);
    }
    const answer = await replay(service, call);
    if (call.method === "Create") {
      assert.deepEqual(comparable(answer), comparable(call.response ?? {}));
    } else {
      assert.deepEqual(answer, expected(call));
    }
  };
  /** Reads give back the state that came in, internal properties too. */
  function expected({ method, request, response = {} }: Call): JsonObject {
    if (method !== "Read") {
      return response;
    }
    const internal = Object.entries(request.properties as JsonObject).filter(([name]) =>
      name.startsWith("__"),
    );
    return {
      ...response,
      properties: { ...(response.properties as JsonObject), ...Object.fromEntries(internal) },
    };
  }

  calls.forEach((call, index) => {
    it(`answers ${title(call, index)}`, () => one(call));
  });

  it("was asked for everything that the engine asks a provider", () => {
    const methods = new Set(calls.map(({ method }) => method));
    for (const method of [
      "Check",
      "Diff",
      "Create",
      "Read",
      "Delete",
      "Configure",
      "CheckConfig",
      "DiffConfig",
    ]) {
      assert.ok(methods.has(method), `${method} was not replayed`);
    }
  });
});
