/** The stand-in command plugin gives the answers that the real one was recorded with; its commands are run. */
import assert from "node:assert/strict";

import { commandProvider } from "../../command/provider";
import type { JsonObject } from "../../lib/marshal";
import { providerService } from "../../lib/serve";
import { expectSameError, recordedCalls, replay, title } from "../lib/replay";

/** The id ends with eight random digits. */
function withoutRandom(response: JsonObject): JsonObject {
  return typeof response.id === "string" && /^cmd[\da-f]{8}$/.test(response.id)
    ? { ...response, id: "cmd" }
    : response;
}

describe("the stand-in command plugin", () => {
  const calls = recordedCalls("command");
  let service = providerService(commandProvider());

  calls.forEach((call, index) => {
    it(`answers ${title(call, index)}`, async () => {
      // What was recorded behind a Cancel was asked of the next process.
      if (calls[index - 1]?.method === "Cancel") {
        service = providerService(commandProvider());
      }
      if (call.errors) {
        return expectSameError(service, call);
      }
      const answer = await replay(service, call);
      if (call.method === "Create") {
        assert.deepEqual(withoutRandom(answer), withoutRandom(call.response ?? {}));
      } else {
        assert.deepEqual(answer, call.response ?? {});
      }
    });
  });

  it("was asked for everything that the engine asks a provider", () => {
    const methods = new Set(calls.map(({ method }) => method));
    for (const method of ["Handshake", "Check", "Diff", "Create", "Read", "Update", "Delete", "Configure"]) {
      assert.ok(methods.has(method), `${method} was not replayed`);
    }
  });
});
