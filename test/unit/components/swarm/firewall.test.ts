import assert from "node:assert/strict";

import { SwarmFirewall } from "../../../../components/swarm/firewall";
import { run } from "../harness";
import type { ServiceInputs } from "./support";
import { auth, image, logging, networks, prefix } from "./support";

describe("the firewall of a Swarm's nodes", () => {
  const made = (options = {}) =>
    run(
      () =>
        new SwarmFirewall("firewall", {
          ...{ prefix, image, auth, platform: "linux/amd64", logging, networks: networks() },
          docker: { host: "ssh://node1" },
          subnets: { notebooks: "172.31.0.0/24", control: "172.31.1.0/24" },
          allow: [{ to: "192.168.7.20", ports: [5432] }],
        }),
      options,
    );

  it("is on every node, and on its own network, which the manager is asked for", async () => {
    const { inputs } = await made();
    const service = inputs("firewall-service") as unknown as ServiceInputs;
    const { containerSpec } = service.taskSpec;
    assert.deepEqual(service.mode, { global: true });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: [],
      platforms: [{ os: "linux", architecture: "amd64" }],
    });
    assert.deepEqual(service.taskSpec.networksAdvanceds, [
      { id: "hostnetwork00000000000000", aliases: [], driverOpts: [] },
    ]);
    assert.deepEqual(containerSpec["capDrops"], ["ALL"]);
    assert.deepEqual(containerSpec["capAdds"], ["CAP_NET_ADMIN"]);
    assert.deepEqual(inputs("firewall-host-network")["environment"], { DOCKER_HOST: "ssh://node1" });
    assert.deepEqual([containerSpec["user"], containerSpec["readOnly"]], ["0:0", true]);
    assert.deepEqual(containerSpec.mounts, [
      { type: "tmpfs", target: "/run" },
      { type: "bind", source: "/dev/shm", target: "/host/shm" },
    ]);
    const { FIREWALL } = containerSpec["env"] as { FIREWALL: string };
    const { table, ...rules } = JSON.parse(FIREWALL) as Record<string, unknown> & { table: string };
    assert.match(table, /^jupyterhub_[0-9a-f]{8}$/);
    assert.deepEqual(rules, {
      bridge: "docker_gwbridge",
      subnet: null,
      overlays: { notebooks: "172.31.0.0/24", others: ["172.31.1.0/24"] },
      infrastructure: [],
      services: [],
      internet: true,
      allowed: [{ network: "192.168.7.20/32", ports: [5432] }],
      publicOnly: [],
      closedPorts: [
        { protocol: "udp", port: 4789 },
        { protocol: "tcp", port: 2377 },
        { protocol: "tcp", port: 7946 },
        { protocol: "udp", port: 7946 },
      ],
      gate: `/host/shm/${table}`,
    });
  });

  it("can be previewed before there is a network", async () => {
    const { inputs } = await made({ preview: true });
    assert.ok("taskSpec" in inputs("firewall-service"));
  });
});
