/** The protocol over a provider made for the test. */
import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

import { type JsonObject, SIGNATURE_KEY, SIGNATURES, UNKNOWN_TEXT } from "../../lib/marshal";
import type { MessageSink } from "../../lib/protocol";
import {
  grpcError,
  InitError,
  type ProviderDefinition,
  providerService,
  type ResourceDefinition,
  ServiceError,
  UNKNOWN,
} from "../../lib/serve";

const type = "test:index:Thing";
const urn = `urn:pulumi:dev::project::parent$${type}::name`;
const secret = (value: string): JsonObject => ({ [SIGNATURE_KEY]: SIGNATURES.secret, value });

const thing: ResourceDefinition = {
  check: ({ news }) => Promise.resolve({ inputs: { ...news, filled: true } }),
  diff: () => Promise.resolve({ changes: "DIFF_NONE" }),
  create: ({ inputs }) => Promise.resolve({ id: "id", outputs: { ...inputs, made: "m", key: "k" } }),
  read: ({ id, inputs = {}, state = {} }) => Promise.resolve({ id, inputs, state }),
  update: ({ news }) => Promise.resolve({ outputs: news }),
  delete: () => Promise.resolve(),
};

function service(
  resource: Partial<ResourceDefinition> = {},
  provider: Partial<ProviderDefinition> = {},
  sink?: MessageSink,
) {
  return providerService(
    {
      name: "test",
      version: "1.0.0",
      configure: () => Promise.resolve(),
      resources: { [type]: { ...thing, ...resource } },
      secretOutputs: { [type]: ["key"] },
      ...provider,
    },
    sink,
  );
}

describe("the provider service", () => {
  it("marks what is always secret, once it is known", async () => {
    const made = await service().create({ urn, properties: { a: "1" } });
    assert.deepEqual(made, { id: "id", properties: { a: "1", made: "m", key: secret("k") } });
    const create: ResourceDefinition["create"] = () => Promise.resolve({ id: "", outputs: { key: UNKNOWN } });
    assert.deepEqual(await service({ create }).create({ urn, properties: {}, preview: true }), {
      properties: { key: UNKNOWN_TEXT },
    });
  });

  it("gives secrets back as secrets if it accepts them, and leaves them to the engine if not", async () => {
    const properties = { a: secret("1"), b: { c: secret("2") } };
    const accepting = service({}, { acceptSecrets: true });
    const { properties: made } = await accepting.create({ urn, properties });
    assert.deepEqual([made.a, made.b], [secret("1"), { c: secret("2") }]);
    assert.deepEqual((await accepting.check({ urn, news: properties })).inputs, {
      ...properties,
      filled: true,
    });
    const { properties: plain } = await service().create({ urn, properties });
    assert.deepEqual([plain.a, plain.b], ["1", { c: "2" }]);
  });

  it("finds the type in the urn, below all parents", async () => {
    assert.equal((await service().create({ urn, properties: {} })).id, "id");
  });

  it("says which types there are when it does not have one", async () => {
    await assert.rejects(service().create({ urn, type: "test:index:Other", properties: {} }), (error) => {
      assert.ok(error instanceof ServiceError);
      assert.equal(error.code, status.UNIMPLEMENTED);
      assert.match(
        error.message,
        /does not have the resource type "test:index:Other"; it has test:index:Thing/,
      );
      return true;
    });
  });

  it("keeps what a failed create has made, secrets marked", async () => {
    const create: ResourceDefinition["create"] = () =>
      Promise.reject(new InitError("half made", "id7", { key: "k", a: "1" }, { a: "1" }));
    await assert.rejects(
      service({ create }, { acceptSecrets: true }).create({ urn, properties: { a: secret("1") } }),
      (error) => {
        assert.ok(error instanceof ServiceError);
        assert.deepEqual(error.initFailure, {
          id: "id7",
          properties: { key: secret("k"), a: secret("1") },
          inputs: { a: secret("1") },
          reasons: ["half made"],
        });
        // And the engine finds all of it in the gRPC error.
        const { code, details, metadata } = grpcError(error);
        assert.deepEqual([code, details], [status.UNKNOWN, "half made"]);
        const [packed] = metadata?.get("grpc-status-details-bin") ?? [];
        const [detail] = Status.deserializeBinary(packed as Buffer).getDetailsList();
        assert.equal(detail?.getTypeName(), "pulumirpc.ErrorResourceInitFailed");
        const failure = ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
        assert.equal(failure.getId(), "id7");
        assert.deepEqual(failure.getProperties()?.toJavaScript(), error.initFailure.properties);
        assert.deepEqual(failure.getInputs()?.toJavaScript(), error.initFailure.inputs);
        assert.deepEqual(failure.getReasonsList(), ["half made"]);
        return true;
      },
    );
  });

  it("aborts what runs when it is cancelled, and is idle then", async () => {
    const create: ResourceDefinition["create"] = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
      });
    const cancelled = service({ create });
    const failed = assert.rejects(cancelled.create({ urn, properties: {} }), /the update was cancelled/);
    await cancelled.cancel();
    await cancelled.idle();
    await failed;
  });

  it("aborts what reaches it after it was cancelled", async () => {
    const create: ResourceDefinition["create"] = ({ signal }) => {
      signal.throwIfAborted();
      return Promise.resolve({ id: "made", outputs: {} });
    };
    const cancelled = service({ create });
    await cancelled.create({ urn, properties: {} });
    await cancelled.cancel();
    await assert.rejects(
      Promise.resolve().then(() => cancelled.create({ urn, properties: {} })),
      /the update was cancelled/,
    );
  });

  it("delivers messages before it answers", async () => {
    const events: string[] = [];
    const sink: MessageSink = {
      send: ({ severity, text, urn: of, ephemeral }) =>
        events.push(`${severity} ${text} ${ephemeral} ${of === urn}`),
      flush: () => Promise.resolve(void events.push("flushed")),
    };
    const update: ResourceDefinition["update"] = ({ log, news }) => {
      log.info("a");
      log.status("b");
      log.warn("c");
      log.error("d");
      return Promise.resolve({ outputs: news });
    };
    await service({ update }, {}, sink).update({ urn, id: "id", olds: {}, news: {} });
    assert.deepEqual(events, [
      "info a false true",
      "info b true true",
      "warning c false true",
      "error d false true",
      "flushed",
    ]);
  });

  it("passes on timeouts in milliseconds, old inputs, seeds and automatic names", async () => {
    const seen: unknown[] = [];
    const watching = service({
      check: (a) => {
        seen.push(a.randomSeed && Buffer.from(a.randomSeed).toString(), a.autonaming?.mode, a.olds);
        return thing.check(a);
      },
      update: (a) => {
        seen.push(a.timeoutMs, a.oldInputs);
        return thing.update(a);
      },
    });
    const randomSeed = Buffer.from("seed").toString("base64");
    await watching.check({ urn, news: {}, randomSeed, autonaming: { proposedName: "n", mode: "ENFORCE" } });
    await watching.update({ urn, id: "id", olds: { a: 1 }, oldInputs: { b: 1 }, news: {}, timeout: 2 });
    await watching.update({ urn, id: "id", olds: { a: 1 }, news: {}, timeout: 0 });
    assert.deepEqual(seen, ["seed", "ENFORCE", undefined, 2000, { b: 1 }, undefined, { a: 1 }]);
  });

  it("answers that a resource is gone with nothing", async () => {
    assert.deepEqual(await service({ read: () => Promise.resolve(undefined) }).read({ urn, id: "x" }), {});
  });

  it("leaves out empty parts of a diff, and says whether it is detailed", async () => {
    const diffed = (result: Awaited<ReturnType<ResourceDefinition["diff"]>>) =>
      service({ diff: () => Promise.resolve(result) }).diff({ urn, id: "x" });
    assert.deepEqual(await diffed({ changes: "DIFF_UNKNOWN" }), {});
    assert.deepEqual(await diffed({ changes: "DIFF_NONE", replaces: [], detailedDiff: {} }), {
      changes: "DIFF_NONE",
      hasDetailedDiff: true,
    });
    assert.deepEqual(
      await diffed({
        changes: "DIFF_SOME",
        replaces: ["a"],
        deleteBeforeReplace: true,
        detailedDiff: { a: { kind: "UPDATE_REPLACE" } },
      }),
      {
        changes: "DIFF_SOME",
        replaces: ["a"],
        deleteBeforeReplace: true,
        hasDetailedDiff: true,
        detailedDiff: { a: { kind: "UPDATE_REPLACE" } },
      },
    );
  });
});
