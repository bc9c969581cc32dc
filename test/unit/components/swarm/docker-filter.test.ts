import assert from "node:assert/strict";

import { SwarmDockerFilter } from "../../../../components/swarm/docker-filter";
import { swarmStorage } from "../../../../components/swarm/storage";
import { run } from "../harness";
import { hubConfig } from "../hub-settings";
import type { ServiceInputs } from "./support";
import { auth, firewall, image, logging, networks, prefix } from "./support";

describe("SwarmDockerFilter", () => {
  it("is on every manager, with the socket, and the homes' folder only", async () => {
    const { inputs, ofType } = await run(
      () =>
        new SwarmDockerFilter("docker-filter", {
          prefix,
          image,
          auth,
          platform: "linux/arm64",
          docker: {},
          logging,
          networks: networks(),
          images: ["registry:5000/notebook@sha256:2"],
          storage: swarmStorage(prefix, hubConfig().storage, { kind: "shared-path", path: "/mnt/homes" }),
          limits: hubConfig().notebook.limits,
          constraints: ["node.role==worker"],
          data: undefined,
          prePullers: ["jupyterhub-test-pre-puller"],
          firewall,
        }),
    );
    const service = inputs("docker-filter-service") as unknown as ServiceInputs;
    const { containerSpec } = service.taskSpec;
    assert.deepEqual(containerSpec.mounts, [
      { type: "bind", source: "/var/run/docker.sock", target: "/run/docker.sock" },
      { type: "bind", source: "/mnt/homes", target: "/host/mnt/homes" },
    ]);
    assert.deepEqual(containerSpec["capDrops"], ["ALL"]);
    assert.deepEqual(containerSpec["capAdds"], ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"]);
    assert.deepEqual(service.mode, { global: true });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: ["node.role==manager"],
      platforms: [{ os: "linux", architecture: "arm64" }],
    });
    assert.deepEqual(service.taskSpec.networksAdvanceds, [
      { id: "control-id", aliases: ["docker-filter"], driverOpts: [] },
    ]);
    assert.deepEqual(service.taskSpec.restartPolicy, { condition: "any", delay: "1s", window: "0s" });
    assert.deepEqual(service.endpointSpec, { mode: "dnsrr", ports: [] });
    const [config] = ofType("docker:index/serviceConfig:ServiceConfig");
    const settings = JSON.parse(Buffer.from(config?.inputs["data"] as string, "base64").toString()) as {
      folders: string[];
      parents: string[];
      uid: number;
      swarm: { prePullers: string[]; firewall: unknown };
    };
    assert.deepEqual(settings.folders, []);
    assert.deepEqual(
      settings.parents,
      ["groups", "user-settings", "users"].map((folder) => `/mnt/homes/${folder}`),
    );
    assert.equal(settings.uid, 1000);
    assert.deepEqual(settings.swarm.prePullers, ["jupyterhub-test-pre-puller"]);
    assert.deepEqual(settings.swarm.firewall, firewall);
    // Automatic names: what changes is a new one, and the service follows.
    assert.equal(config?.inputs["name"], undefined);
    const [secret] = ofType("docker:index/secret:Secret");
    assert.ok(typeof (secret?.inputs["data"] as { secret: string }).secret === "string");
  });
});
