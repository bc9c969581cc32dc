import assert from "node:assert/strict";

import { hubSettings } from "../../../../../components/hub/settings";
import { swarmStorage } from "../../../../../components/swarm/storage";
import { dockerWiring, hubConfig, swarmWiring } from "../../hub-settings";

describe("settings of a Swarm's hub", () => {
  it("are those of any hub but for servers and routes", () => {
    const written = {
      variant: "swarm",
      notebook: { profiles: [{ name: "Large" }] },
      swarm: {
        registry: { address: "registry:5000" },
        homes: { kind: "local", pinned: true },
        notebooks: {
          constraints: ["node.role==worker", "node.labels.a==b"],
          ofProfiles: { large: ["node.labels.large==yes"] },
          reservedMemory: "512m",
        },
      },
      servers: { lastActivityInterval: "4m" },
    };
    const config = hubConfig(written);
    const { notebook, servers: times } = written;
    const onOneHost = hubSettings(hubConfig({ notebook, servers: times }), {
      ...dockerWiring,
      visitors: swarmWiring.visitors,
    });
    const { proxy, spawner, servers, ...others } = hubSettings(config, swarmWiring);
    assert.deepEqual({ ...onOneHost, ...others }, onOneHost);
    assert.deepEqual(proxy, {
      kind: "traefik-redis",
      apiUrl: "http://proxy-api:8099",
      apiUser: "hub",
      redisUrl: "redis://redis:6379",
      entryPoint: "websecure",
    });
    // Routes that were lost with their store are there again a minute later.
    assert.deepEqual(servers, { ...onOneHost.servers, lastActivityInterval: 60 });
    assert.deepEqual(spawner, {
      ...onOneHost.spawner,
      kind: "swarm",
      reservation: { memory: 512 * 1024 ** 2, cpus: 0 },
      placement: {
        everybody: ["node.labels.a==b", "node.role==worker"],
        profiles: { large: ["node.labels.large==yes"] },
        groups: {},
      },
      pinned: true,
      prePullers: swarmWiring.prePullers,
      firewall: swarmWiring.firewall,
    });
  });

  it("mount an NFS export by the local driver, as a volume of its own for each place", () => {
    const nfs = { kind: "nfs", server: "nfs", export: "/export", options: "rw" } as const;
    const homes = (over: object) =>
      swarmStorage("jh", hubConfig().storage, { ...nfs, ...over }).homes as { name: string };
    const { name, ...rest } = homes({});
    assert.deepEqual(rest, {
      kind: "volume",
      driver: "local",
      options: { type: "nfs", o: "addr=nfs,rw", device: ":/export/{username}" },
      mountPath: "/home/jovyan",
      takenOver: [],
    });
    assert.match(name, /^jh-home-[0-9a-f]{8}-\{username\}$/);
    assert.equal(homes({}).name, name);
    assert.notEqual(homes({ server: "nfs2" }).name, name);
    assert.equal(
      "name" in swarmStorage("jh", hubConfig().storage, { kind: "local", pinned: true }).homes,
      false,
    );
  });
});
