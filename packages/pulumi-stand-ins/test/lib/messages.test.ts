/** Requests and answers go through the protocol's messages without losing anything. */
import assert from "node:assert/strict";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { answerTo, METHODS, requestOf } from "../../lib/messages";

const struct = (value: Record<string, string>): Struct => Struct.fromJavaScript(value);
const autonaming = new proto.CheckRequest.AutonamingOptions()
  .setProposedName("n-1")
  .setMode(proto.CheckRequest.AutonamingOptions.Mode.ENFORCE);

describe("the protocol's messages", () => {
  it("give the service every field that it knows, and leave out structs that were not sent", () => {
    const checked = new proto.CheckRequest()
      .setUrn("u")
      .setType("t")
      .setOlds(struct({ a: "1" }))
      .setNews(struct({ a: "2" }))
      .setRandomseed(Buffer.from("seed"))
      .setAutonaming(autonaming);
    // As they arrive, bytes are bytes.
    assert.deepEqual(requestOf(proto.CheckRequest.deserializeBinary(checked.serializeBinary())), {
      urn: "u",
      type: "t",
      olds: { a: "1" },
      news: { a: "2" },
      randomSeed: Buffer.from("seed").toString("base64"),
      autonaming: { proposedName: "n-1", mode: "ENFORCE" },
    });
    const diffed = new proto.DiffRequest()
      .setId("i")
      .setUrn("u")
      .setOldInputs(struct({ b: "1" }))
      .setIgnorechangesList(["b"]);
    assert.deepEqual(requestOf(diffed), {
      id: "i",
      urn: "u",
      type: "",
      oldInputs: { b: "1" },
      ignoreChanges: ["b"],
    });
    const made = new proto.CreateRequest()
      .setProperties(struct({ c: "1" }))
      .setPreview(true)
      .setTimeout(3);
    assert.deepEqual(requestOf(made), {
      urn: "",
      type: "",
      properties: { c: "1" },
      preview: true,
      timeout: 3,
    });
    assert.deepEqual(requestOf(new proto.ReadRequest().setInputs(struct({ d: "1" }))), {
      id: "",
      urn: "",
      type: "",
      inputs: { d: "1" },
      timeout: 0,
    });
    assert.deepEqual(requestOf(new proto.ConfigureRequest().setArgs(struct({ e: "1" }))), {
      id: "",
      urn: "",
      type: "",
      args: { e: "1" },
    });
  });

  it("take all of an answer", () => {
    const diff = answerTo("diff", {
      changes: "DIFF_SOME",
      replaces: ["a"],
      stables: ["b"],
      diffs: ["a"],
      deleteBeforeReplace: true,
      hasDetailedDiff: true,
      detailedDiff: { a: { kind: "UPDATE_REPLACE", inputDiff: true } },
    }) as proto.DiffResponse;
    assert.deepEqual(diff.toObject(), {
      ...new proto.DiffResponse().toObject(),
      changes: proto.DiffResponse.DiffChanges.DIFF_SOME,
      replacesList: ["a"],
      stablesList: ["b"],
      diffsList: ["a"],
      deletebeforereplace: true,
      hasdetaileddiff: true,
      detaileddiffMap: [["a", { kind: proto.PropertyDiff.Kind.UPDATE_REPLACE, inputdiff: true }]],
    });
    const features = {
      acceptSecrets: true,
      acceptResources: true,
      acceptOutputs: true,
      supportsAutonamingConfiguration: true,
    };
    const shaken = answerTo("handshake", features) as proto.ProviderHandshakeResponse;
    assert.deepEqual(shaken.toObject(), { ...new proto.ProviderHandshakeResponse().toObject(), ...features });
    const configured = answerTo("configure", {
      ...features,
      supportsPreview: true,
    }) as proto.ConfigureResponse;
    assert.deepEqual(configured.toObject(), {
      ...new proto.ConfigureResponse().toObject(),
      acceptsecrets: true,
      supportspreview: true,
      acceptresources: true,
      acceptoutputs: true,
      supportsAutonamingConfiguration: true,
    });
    const checked = answerTo("check", {
      inputs: { a: "1" },
      failures: [{ property: "a", reason: "why" }],
    }) as proto.CheckResponse;
    assert.deepEqual(checked.getInputs()?.toJavaScript(), { a: "1" });
    assert.deepEqual(checked.toObject().failuresList, [{ property: "a", reason: "why" }]);
    const read = answerTo("read", {
      id: "i",
      properties: { a: "1" },
      inputs: { b: "2" },
    }) as proto.ReadResponse;
    assert.equal(read.getId(), "i");
    assert.deepEqual(
      [read.getProperties(), read.getInputs()].map((one) => one?.toJavaScript()),
      [{ a: "1" }, { b: "2" }],
    );
  });

  it("of every method may be empty, and have no field that is not in the protocol", () => {
    for (const method of METHODS) {
      answerTo(method, {});
    }
    assert.throws(() => answerTo("create", { ids: "x" }), /the answer to create has no field ids/);
  });
});
