import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";

import { RECREATED_LABEL } from "../../../../docker-api/naming";
import type { Drift } from "../../../../preflight/drift/compare";
import {
  BUILT_IMAGE,
  CONTAINER,
  NETWORK,
  PULLED_IMAGE,
  SERVICE,
  VOLUME,
} from "../../../../preflight/drift/kinds";
import type { Made } from "../../../../preflight/drift/made";
import { recreate, sentence, times } from "../../../../preflight/drift/recreate";
import { run } from "../../components/harness";

const BEFORE = "2026-01-01T00:00:00Z";
const NOW = "2026-11-30T12:00:00Z";

const drift = (type: string, name: string): Drift => ({
  type,
  name,
  object: `object ${name}`,
  physicalName: name,
  changes: ["it is gone"],
});

/** A container, an image that is built, and one that is pulled. */
function program(made: readonly Made[], changed: readonly Drift[]) {
  return run(() => {
    recreate({ made, drift: changed, now: NOW });
    new docker.Container("c", {
      name: "x-c",
      image: "x",
      labels: [{ label: "org.jupyterhub.role", value: "c" }],
    });
    new docker.Container("untouched", { name: "x-u", image: "x" });
    new docker.Image("b", {
      imageName: "x-b:current",
      build: { context: "./b", args: { A: "1" } },
      skipPush: true,
    });
    new docker.RemoteImage("p", { name: "traefik:v3" });
  });
}

describe("recreate", () => {
  it("gives what changed an input that makes the provider make it again, and nothing else", async () => {
    const { inputs } = await program(
      [],
      [drift(CONTAINER, "c"), drift(BUILT_IMAGE, "b"), drift(PULLED_IMAGE, "p")],
    );
    assert.deepEqual(inputs("c")["labels"], [
      { label: RECREATED_LABEL, value: NOW },
      { label: "org.jupyterhub.role", value: "c" },
    ]);
    assert.equal(inputs("untouched")["labels"], undefined);
    assert.deepEqual((inputs("b")["build"] as { args: unknown }).args, { A: "1", RECREATED: NOW });
    assert.deepEqual(inputs("p")["triggers"], { recreated: NOW });
  });

  it("keeps what it gave before, so that the next update changes nothing", async () => {
    const made: Made[] = [
      { type: CONTAINER, name: "c", outputs: { labels: [{ label: RECREATED_LABEL, value: BEFORE }] } },
      { type: BUILT_IMAGE, name: "b", outputs: { __inputs: { build: { args: { RECREATED: BEFORE } } } } },
      { type: PULLED_IMAGE, name: "p", outputs: { triggers: { recreated: BEFORE } } },
    ];
    const { inputs } = await program(made, []);
    assert.deepEqual(inputs("c")["labels"], [
      { label: RECREATED_LABEL, value: BEFORE },
      { label: "org.jupyterhub.role", value: "c" },
    ]);
    assert.deepEqual((inputs("b")["build"] as { args: unknown }).args, { A: "1", RECREATED: BEFORE });
    assert.deepEqual(inputs("p")["triggers"], { recreated: BEFORE });
  });

  it("takes networks and volumes over with the labels that they have: a network by import, a volume by its name", async () => {
    const { inputs, registrations } = await run(() => {
      recreate({
        made: [],
        drift: [],
        now: NOW,
        takeOver: (_type, name) => (name === "new" ? undefined : { id: `${name}-id`, recreated: BEFORE }),
      });
      new docker.Network("n", { name: "x-n" });
      new docker.Network("new", { name: "new" });
      new docker.Volume("v", { name: "x-v" });
    });
    const label = [{ label: RECREATED_LABEL, value: BEFORE }];
    assert.deepEqual(inputs("n")["labels"], label);
    assert.deepEqual(inputs("v")["labels"], label);
    assert.equal(inputs("new")["labels"], undefined);
    assert.deepEqual(
      registrations.flatMap(({ name, options }) =>
        options.importId === "" ? [] : [[name, options.importId]],
      ),
      [["n", "x-n-id"]],
    );
  });

  const service = (name: string) =>
    new docker.Service(name, { name: `x-${name}`, taskSpec: { containerSpec: { image: "x" } } });

  it("updates a service that is there, and replaces one that is gone", async () => {
    const there = { ...drift(SERVICE, "there"), changes: ["replicas: expected 1, got 0"], isThere: true };
    const { inputs, registrations } = await run(() => {
      recreate({ made: [], drift: [there, drift(SERVICE, "gone")], now: NOW });
      service("there");
      service("gone");
    });
    for (const name of ["there", "gone"]) {
      assert.deepEqual(inputs(name)["labels"], [{ label: RECREATED_LABEL, value: NOW }]);
    }
    assert.deepEqual(
      registrations
        .filter(({ type }) => type === SERVICE)
        .map(({ name, options }) => [name, options.replaceOnChanges]),
      [
        ["there", []],
        ["gone", ["labels"]],
      ],
    );
    assert.equal(sentence(there), "object there: replicas: expected 1, got 0. It will be updated.");
  });

  it("clears the way for a container, service or network before it is made", async () => {
    const cleared: string[] = [];
    const { inputs } = await run(() => {
      recreate({
        made: [],
        drift: [],
        now: NOW,
        clear: (type, name) =>
          name === "x-c" ? Promise.resolve().then(() => void cleared.push(`${type} ${name}`)) : undefined,
      });
      new docker.Network("n", { name: "x-c" });
      new docker.Container("c", { name: "x-c", image: "x" });
      new docker.Container("d", { name: "x-d", image: "x" });
      new docker.Service("s", { name: "x-c", taskSpec: { containerSpec: { image: "x" } } });
    });
    assert.deepEqual(cleared.sort(), [`${CONTAINER} x-c`, `${NETWORK} x-c`, `${SERVICE} x-c`]);
    assert.equal(inputs("c")["name"], "x-c");
  });

  it("asks for nothing where nothing ever changed", () => {
    const made: Made[] = [{ type: CONTAINER, name: "c", outputs: { labels: [] } }];
    assert.equal(times(made, [], NOW).size, 0);
  });

  it("leaves what it would do harm to, and says why", () => {
    const volume = { ...drift(VOLUME, "v"), left: "It stays, because of data" };
    assert.equal(times([], [volume], NOW).size, 0);
    assert.equal(sentence(volume), "object v: it is gone. It stays, because of data.");
  });

  it("says object, fields and what follows", () => {
    assert.equal(sentence(drift(CONTAINER, "c")), "object c: it is gone. It will be recreated.");
    assert.equal(sentence(drift(BUILT_IMAGE, "b")), "object b: it is gone. It will be rebuilt.");
    assert.equal(sentence(drift(PULLED_IMAGE, "p")), "object p: it is gone. It will be pulled again.");
  });
});
