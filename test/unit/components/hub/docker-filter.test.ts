import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { DockerFilter } from "../../../../components/hub/docker-filter";
import type { StorageConfig } from "../../../../config";
import { run } from "../harness";
import { hubConfig } from "../hub-settings";
import type { Upload } from "../services";
import { prefix, service } from "../services";

describe("DockerFilter", () => {
  const usual = hubConfig().storage;
  const make = (storage: StorageConfig = usual) =>
    run(
      () =>
        new DockerFilter("docker-filter", {
          prefix,
          image: "sha256:hub",
          network: "ctl",
          notebookNetwork: "nb",
          images: ["sha256:b", pulumi.output("sha256:a")],
          gpus: [{ count: 1, ids: [] }],
          firewall: "jupyterhub-test-firewall",
          dns: ["127.0.0.1"],
          storage,
          limits: { processes: 512, memory: 1024, swap: -1, cpus: 2 },
          logging: { maxSize: "10m" },
        }),
    );

  it("alone has the engine's socket, and is on the control network only", async () => {
    const { inputs } = await make();
    const { uploads, healthcheck, ...rest } = inputs("docker-filter-container");
    assert.ok(healthcheck);
    assert.deepEqual(rest, {
      ...service("docker-filter"),
      image: "sha256:hub",
      command: ["jupyterhub-on-docker", "docker-filter"],
      user: "0:0",
      memory: 256,
      memorySwap: 256,
      networksAdvanced: [{ name: "ctl", aliases: ["docker-filter"] }],
      volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/run/docker.sock" }],
    });
    const [upload] = uploads as Upload[];
    assert.equal(upload?.file, "/etc/jupyterhub/filter.json");
    assert.deepEqual(JSON.parse(upload.content as string), {
      version: 1,
      socket: "/run/docker.sock",
      listen: "0.0.0.0:2375",
      namePrefix: prefix,
      network: "nb",
      images: ["sha256:a", "sha256:b"],
      gpus: [{ count: 1, ids: [] }],
      uid: 1000,
      gid: 100,
      volumes: [
        { name: `${prefix}-home-{username}`, driver: "local", options: {}, readOnly: false },
        { name: `${prefix}-folder-{folder}`, driver: "local", options: {}, readOnly: false },
      ],
      folders: [],
      parents: [],
      limits: { cpus: 2, memory: 1024, processes: 512, swap: -1 },
      firewall: "jupyterhub-test-firewall",
      dns: ["127.0.0.1"],
    });
  });

  for (const [name, takenOver, rule] of [
    ["{username}", [], { takenOver: [] }],
    ["old-{username}", ["zoe", "bob"], { takenOver: ["bob", "zoe"] }],
    ["old-{username}", [], {}],
  ] as const) {
    it(`knows whose volumes of the name ${name} may be older than the stack: ${takenOver.join() || "nobody's"}`, async () => {
      const homes = {
        name,
        takenOver,
        kind: "volume",
        driver: "local",
        options: {},
        mountPath: "/x",
      } as const;
      const { inputs } = await make({ ...usual, homes });
      const [upload] = inputs("docker-filter-container")["uploads"] as Upload[];
      const { volumes } = JSON.parse(upload?.content as string) as { volumes: unknown[] };
      assert.deepEqual(volumes[0], { name, driver: "local", options: {}, readOnly: false, ...rule });
    });
  }

  it("lets no homes be made where they are temporary", async () => {
    const { inputs } = await make({
      ...usual,
      homes: { kind: "temporary", mountPath: "/home/jovyan" },
      labSettings: { ...usual.labSettings, apart: true },
    });
    const [upload] = inputs("docker-filter-container")["uploads"] as Upload[];
    const { volumes } = JSON.parse(upload?.content as string) as { volumes: { name: string }[] };
    assert.deepEqual(
      volumes.map(({ name }) => name),
      [`${prefix}-settings-{username}`, `${prefix}-folder-{folder}`],
    );
  });

  it("sees a tree of homes, to tell folders from links, and lets through what of it may be mounted", async () => {
    const { inputs } = await make({
      ...usual,
      homes: { kind: "tree", root: "/srv/tree", mountPath: "/home/jovyan" },
      colab: true,
      users: true,
      volumes: {
        data: {
          mountPath: "/data",
          driver: "local",
          options: { type: "nfs", o: "addr=10.0.0.5" },
          readOnly: true,
        },
      },
    });
    const { uploads, volumes } = inputs("docker-filter-container");
    assert.deepEqual((volumes as unknown[])[1], {
      hostPath: "/srv/tree",
      containerPath: "/host/srv/tree",
      readOnly: true,
    });
    const filter = JSON.parse((uploads as Upload[])[0]?.content as string) as Record<string, unknown>;
    assert.deepEqual(filter["volumes"], [
      {
        name: `${prefix}-volume-data`,
        driver: "local",
        options: { o: "addr=10.0.0.5", type: "nfs" },
        readOnly: true,
      },
    ]);
    assert.deepEqual(filter["folders"], ["/srv/tree/colab", "/srv/tree/users"]);
    assert.deepEqual(filter["parents"], ["/srv/tree/groups", "/srv/tree/user-settings", "/srv/tree/users"]);
  });
});
