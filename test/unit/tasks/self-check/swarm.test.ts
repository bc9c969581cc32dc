import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";

import { OneOffService } from "../../../../tasks/self-check/one-off-service";
import type { SwarmFacts, SwarmNode } from "../../../../tasks/self-check/swarm-facts";
import { swarmProbes } from "../../../../tasks/self-check/swarm-list";
import { GATE_TARGET, serverLike } from "../../../../tasks/self-check/swarm-run";

const node = (at: number, more: Partial<SwarmNode> = {}): SwarmNode => ({
  id: `id${at}`,
  name: `node${at}`,
  address: `10.0.0.${at}`,
  isManager: at === 1,
  hasNoNewPrivileges: false,
  ...more,
});

const facts: SwarmFacts = {
  prefix: "jh",
  server: {
    image: "registry/notebook@sha256:1",
    network: "jh-notebooks",
    limits: { memory: 1024, swap: 0, cpus: 1.5, processes: 64 },
    firewall: { service: "jh-firewall", gate: "/dev/shm/jupyterhub_1" },
  },
  owner: { uid: 1000, gid: 100 },
  baseUrl: "/",
  published: [8443],
  nodes: [node(2), node(3)],
  all: [node(1), node(2), node(3)],
  ownImage: "registry/firewall@sha256:2",
};

const targets = {
  listeners: new Map(
    [1, 2, 3].map((at) => [
      `id${at}`,
      {
        port: 40000 + at,
        ipv4: [`10.0.0.${at}`, "172.19.0.1"],
        names: [],
        nameServers: [],
        ipv6: [
          { address: "fe80::1", interface: "docker_gwbridge" },
          { address: "fe80::2", interface: "eth0" },
          { address: "fd00::2", interface: "eth0" },
        ],
      },
    ]),
  ),
  neighbour: { address: "172.19.0.3", gateway: "172.19.0.1" },
};

describe("probes of a node of a Swarm", () => {
  const list = swarmProbes(facts, node(2), targets, "outside.test");
  const named = (name: string) => list.filter((one) => one.name.startsWith(name));

  it("try all addresses of its own node, those of IPv6 on either card", () => {
    assert.deepEqual(
      named("the node").map(({ host, port, expected }) => [host, port, expected]),
      [
        ["10.0.0.2", 40002, "closed"],
        ["172.19.0.1", 40002, "closed"],
        ["172.19.0.1", 40002, "closed"],
        ["172.19.0.1", undefined, "closed"],
        ["fd00::2", 40002, "closed"],
        ["fe80::1%eth0", 40002, "closed"],
        ["fe80::1%eth1", 40002, "closed"],
      ],
    );
    assert.deepEqual(
      named("the node, IPv6 [fe80").map(({ controlHost }) => controlHost),
      ["fe80::1%docker_gwbridge", "fe80::1%docker_gwbridge"],
    );
  });

  it("try the other nodes, with Swarm's own ports and the published ones", () => {
    assert.deepEqual(
      named("node1").map(({ port }) => port),
      [40001, 7946, 2377, 8443],
    );
    assert.deepEqual(
      named("node3").map(({ port }) => port),
      [40003, 7946, 8443],
    );
    assert.deepEqual(named("node2"), []);
  });

  it("try a server beside it, metadata and private networks, and say what is open by design", () => {
    assert.deepEqual(
      named("a neighbour on the node").map(({ kind, host, expected }) => [kind, host, expected]),
      ["tcp", "tcp", "udp", "icmp"].map((kind) => [kind, "172.19.0.3", "closed"]),
    );
    assert.equal(named("cloud metadata").length, 2);
    assert.equal(named("a private network").length, 3);
    assert.deepEqual([...new Set(named("the internet").map(({ expected }) => expected))], ["by design"]);
  });

  it("have names of their own each, and one for programs with set-uid where the engine knows how to stop them", () => {
    assert.equal(new Set(list.map(({ name }) => name)).size, list.length);
    assert.deepEqual(named("setuid programs"), []);
    const newer = swarmProbes(facts, node(2, { hasNoNewPrivileges: true }), targets, "outside.test");
    assert.equal(newer.length, list.length + 1);
  });
});

describe("a throw-away server of a Swarm", () => {
  it("is on the network of servers, behind the gate, and has no rights", () => {
    const { container, networks, resources } = serverLike(facts, ["serve"]);
    assert.deepEqual(networks, ["jh-notebooks"]);
    assert.deepEqual(container["Mounts"], [
      { Type: "bind", Source: "/dev/shm/jupyterhub_1", Target: GATE_TARGET, ReadOnly: true },
    ]);
    assert.deepEqual([container["User"], container["CapabilityDrop"]], ["1000:100", ["ALL"]]);
    assert.deepEqual(resources, { Limits: { MemoryBytes: 1024, NanoCPUs: 1.5e9, Pids: 64 } });
  });

  it("has the gate where the hub's program has it", () => {
    const file = join(__dirname, "../../../../images/hub/jupyterhub_on_docker/spawners/swarm/spec.py");
    assert.ok(readFileSync(file, "utf8").includes(`GATE_TARGET = "${GATE_TARGET}"`));
  });
});

/** A piece of output as the engine sends it: 1 is a program's output, 2 its errors. */
function piece(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe("OneOffService", () => {
  const manager = (state: string, output: Buffer, Err?: string) => {
    let removed = 0;
    const service = {
      id: "s1",
      logs: () => Promise.resolve(output),
      remove: () => Promise.resolve((removed += 1)),
    };
    const made: Record<string, unknown>[] = [];
    const docker = {
      createService: (spec: Record<string, unknown>) => Promise.resolve((made.push(spec), service)),
      listTasks: () => Promise.resolve([{ Status: { State: state, Err } }]),
    };
    return { docker: docker as unknown as Docker, made, removed: () => removed };
  };
  const start = (docker: Docker) =>
    OneOffService.start(docker, "jh", {
      role: "attacker",
      node: "id2",
      task: { container: { Image: "i" }, networks: ["host"] },
    });

  it("is one task on one node that is not started again, and gives what it prints", async () => {
    const { docker, made, removed } = manager(
      "complete",
      Buffer.concat([piece(2, "a warning\n"), piece(1, '{"a":'), piece(1, "1}\n")]),
    );
    const service = await start(docker);
    assert.deepEqual(await service.answer(), { a: 1 });
    await service.remove();
    assert.equal(removed(), 1);
    const [spec] = made;
    assert.deepEqual((spec?.["TaskTemplate"] as Record<string, unknown>)["Placement"], {
      Constraints: ["node.id==id2"],
    });
    assert.deepEqual((spec?.["TaskTemplate"] as Record<string, unknown>)["RestartPolicy"], {
      Condition: "none",
    });
    assert.deepEqual(spec?.["Labels"], { "org.jupyterhub.stack": "jh", "org.jupyterhub.role": "probe" });
  });

  it("tells why there is no answer", async () => {
    const failed = await start(manager("failed", piece(2, "no such file\n")).docker);
    await assert.rejects(failed.answer(), /jh-probe-attacker-\w+ failed: no such file/);
    const refused = manager("rejected", Buffer.alloc(0), "bind source path does not exist");
    await assert.rejects((await start(refused.docker)).answer(), /could not start: bind source path/);
  });
});
