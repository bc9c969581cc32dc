import assert from "node:assert/strict";
import { access } from "node:fs/promises";

import { swarmInfo } from "../../docker-api/swarm";
import { formSwarm } from "../../tasks/swarm/membership";
import { until } from "../e2e/until";
import { Cluster } from "./cluster";
import { quietly, sh } from "./shell";

describe("a cluster of three engines", () => {
  it("forms a swarm, pulls by digest, tells why a machine cannot join, and leaves nothing behind", async () => {
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
          if (error) {
            reject(error);
          } else {
            resolve(undefined);
          }
        });
      });
      assert.ok((await cluster.machine(2).docker.getImage(image).inspect()).Id);

      // A machine that cannot reach the manager's port: told with what is needed, and not left half-way.
      const [manager, late] = [cluster.machine(0), cluster.machine(2)];
      await late.docker.swarmLeave({ force: true });
      const closed = ["OUTPUT", "-p", "tcp", "--dport", "2377", "-j", "DROP"];
      await late.run("iptables", "-w", "-I", ...closed);
      const member = { name: late.name, host: late.host, role: "worker", address: late.address } as const;
      const connect = (host?: string) => Promise.resolve(host === undefined ? manager.docker : late.docker);
      const lines: string[] = [];
      const join = () => formSwarm(connect, undefined, [member], (line) => lines.push(line));
      await assert.rejects(
        join(),
        /^Error: node3: could not join the Swarm at \S+:2377: .*\. The nodes need TCP 2377, TCP and UDP 7946/,
      );
      assert.equal((await swarmInfo(late.docker)).Swarm.LocalNodeState, "inactive");
      await late.run("iptables", "-w", "-D", ...closed);
      await join();
      assert.deepEqual(lines, ["node3: joined as worker"]);
    } finally {
      if (process.env["KEEP_CLUSTER"] === undefined) {
        await cluster.remove();
      }
    }
    await assert.rejects(access(cluster.folder));
    // The kernel removes a namespace's interfaces some time after its last process has ended.
    await until(
      "no interface is left",
      async () => !(await sh("ip", "-o", "link")).includes(`js${cluster.id}`),
    );
    assert.doesNotMatch(await sh("iptables", "-w", "-S"), new RegExp(cluster.id));
    assert.doesNotMatch(await sh("iptables", "-w", "-t", "nat", "-S"), new RegExp(cluster.id));
    assert.equal(await quietly("find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", `*${cluster.id}*`), "");
  });
});
