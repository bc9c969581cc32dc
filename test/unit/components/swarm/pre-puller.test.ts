import assert from "node:assert/strict";

import { PrePuller } from "../../../../components/swarm/pre-puller";
import { run } from "../harness";
import type { ServiceInputs } from "./support";
import { auth, image, logging, networks, prefix } from "./support";

describe("PrePuller", () => {
  it("is one idle task a node, with the registry's login, and no network of the stack", async () => {
    const manager = { host: "ssh://node1" };
    const args = { prefix, auth, platform: "linux/arm/v7", docker: manager, logging, constraints: [] };
    const made = (digest: string) =>
      run(() => new PrePuller("pre-puller", { ...args, image: digest, networks: networks() }));
    const { inputs } = await made(image);
    const service = inputs("pre-puller-service") as unknown as ServiceInputs;
    assert.deepEqual(service.mode, { global: true });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: [],
      platforms: [{ os: "linux", architecture: "" }],
    });
    // The provider refuses to wait for a global service, so that a command does, after each change.
    assert.equal(inputs("pre-puller-service")["convergeConfig"], undefined);
    const wait = inputs("pre-puller-ready");
    assert.deepEqual(wait["environment"], { SERVICE: "pre-puller-service-id", DOCKER_HOST: "ssh://node1" });
    assert.deepEqual((await made(image)).inputs("pre-puller-ready")["triggers"], wait["triggers"]);
    assert.notDeepEqual((await made(`${image}2`)).inputs("pre-puller-ready")["triggers"], wait["triggers"]);
    assert.deepEqual(service.taskSpec.networksAdvanceds, []);
    assert.deepEqual(service.auth, auth);
    assert.equal(service.taskSpec.containerSpec["stopGracePeriod"], "2s");
  });
});
