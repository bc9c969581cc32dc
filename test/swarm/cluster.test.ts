import assert from "node:assert/strict";
import { access } from "node:fs/promises";

import { Cluster } from "./cluster";
import { quietly, sh } from "./shell";

describe("a cluster of three engines", () => {
  it("forms a swarm, pulls from the registry by digest, and leaves nothing behind", async () => {
    const cluster = await Cluster.create();
    try {
      await cluster.formSwarm();
      const nodes = await cluster.machine(0).docker.listNodes();
      assert.deepEqual(
        nodes.map((node) => (node as { Description: { Hostname: string } }).Description.Hostname).sort(),
        ["node1", "node2", "node3"],
      );
      const image = await cluster.publish("debian:trixie-slim", "debian");
      assert.match(image, /@sha256:/);
      const { registry } = cluster;
      const stream = await cluster.machine(2).docker.pull(image, {
        authconfig: { username: registry.user, password: registry.password, serveraddress: registry.address },
      });
      await new Promise((resolve, reject) => {
        cluster.machine(2).docker.modem.followProgress(stream, (error) => {
          if (error) reject(error);
          else resolve(undefined);
        });
      });
      assert.ok((await cluster.machine(2).docker.getImage(image).inspect()).Id);
    } finally {
      if (process.env["KEEP_CLUSTER"] === undefined) await cluster.remove();
    }
    await assert.rejects(access(cluster.folder));
    assert.doesNotMatch(await sh("ip", "-o", "link"), new RegExp(`js${cluster.id}`));
    assert.doesNotMatch(await sh("iptables", "-w", "-S"), new RegExp(cluster.id));
    assert.doesNotMatch(await sh("iptables", "-w", "-t", "nat", "-S"), new RegExp(cluster.id));
    assert.equal(await quietly("find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", `*${cluster.id}*`), "");
  });
});
