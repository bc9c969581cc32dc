import assert from "node:assert/strict";

import { RoutesServer } from "../../../../components/proxy/routes-server";
import { run } from "../harness";
import type { Upload } from "../services";
import { logging, prefix, service } from "../services";

describe("RoutesServer", () => {
  it("reads the hub's volume and writes nothing, on the control network alone", async () => {
    const targets = {
      networks: ["10.200.12.0/22"],
      prefix: null,
      services: [{ url: "http://report:9000" }, { url: "http://[2001:db8::1]:80/x" }, {}],
    };
    const { inputs } = await run(
      () =>
        new RoutesServer("routes", {
          prefix,
          image: "sha256:hub",
          network: "ctl",
          volume: "noted",
          targets,
          hub: "/base/hub/",
          logging,
        }),
    );
    const { uploads, healthcheck, ...rest } = inputs("routes-container");
    assert.ok(healthcheck);
    assert.deepEqual(rest, {
      ...service("routes"),
      image: "sha256:hub",
      command: ["jupyterhub-on-docker", "routes"],
      user: "10001:10001",
      memory: 256,
      memorySwap: 256,
      ulimits: [{ name: "nproc", soft: 4096, hard: 4096 }],
      networksAdvanced: [{ name: "ctl", aliases: ["routes"] }],
      volumes: [{ volumeName: "noted", containerPath: "/srv/proxy", readOnly: true }],
    });
    const [upload] = uploads as Upload[];
    assert.deepEqual(JSON.parse(upload?.content as string), {
      version: 1,
      listen: "0.0.0.0:8096",
      entryPoint: "websecure",
      store: { kind: "file", path: "/srv/proxy/routes.json" },
      targets: { networks: ["10.200.12.0/22"], names: ["2001:db8::1", "hub", "report"], prefix: null },
      away: { listen: "0.0.0.0:8095", url: "http://routes:8095", hub: "/base/hub/" },
    });
  });
});
