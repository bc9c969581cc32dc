import assert from "node:assert/strict";

import { recordings } from "./record";

describe("recordings of the real plugins", () => {
  const call = (method: string, name: string, more: object) =>
    JSON.stringify({
      method: `/pulumirpc.${method}`,
      metadata: { mode: "client", ...more },
      request: { name },
    });
  const answered = (line: string, more: object) => JSON.stringify({ ...JSON.parse(line), ...more } as object);

  const check = call("ResourceProvider/Check", "c", { kind: "resource", name: "docker" });
  const shake = call("ResourceProvider/Handshake", "h", { kind: "resource", name: "random" });
  const run = call("LanguageRuntime/Run", "r", { kind: "language" });
  const log = [
    answered(check, { progress: "request_started" }),
    answered(check, { progress: "response_completed", response: { inputs: {} }, duration: 1 }),
    // As command lines wrote it before they had `progress`.
    answered(shake, { errors: ["rpc error"] }),
    answered(run, { progress: "response_completed", response: {} }),
  ].join("\n");
  const parsed = (...of: [plugin: string, step?: string]) =>
    recordings(`${log}\n`, ...of).map((line) => JSON.parse(line) as unknown);

  it("have each call of one plugin once, with its answer or its errors", () => {
    assert.deepEqual(parsed("docker", "1-up"), [
      { step: "1-up", method: "Check", request: { name: "c" }, response: { inputs: {} } },
    ]);
    assert.deepEqual(parsed("random"), [
      { method: "Handshake", request: { name: "h" }, errors: ["rpc error"] },
    ]);
    assert.deepEqual(parsed("nodejs"), [{ method: "Run", request: { name: "r" }, response: {} }]);
    assert.deepEqual(parsed("command"), []);
  });
});
