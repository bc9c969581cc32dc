/** Tries the list from a throw-away server on each node of a Swarm, with controls beside it. */
import type Docker from "dockerode";

import { attempt, controlAttempt } from "./attempt";
import type { Attempt, HostListener, Probe } from "./list";
import { NEIGHBOUR_PORTS } from "./list";
import { OneOffService, type OneOffTask } from "./one-off-service";
import { outsideName } from "./outside";
import { type Outcome, type Row, rows } from "./report";
import { PROBE, TARGETS } from "./scripts";
import { collectSwarm, type SwarmFacts, type SwarmNode } from "./swarm-facts";
import { swarmProbes } from "./swarm-list";

/** Where a server has the firewall's folder: the hub's program has the same, and the suite compares the two. */
export const GATE_TARGET = "/run/jupyterhub-firewall";

const program = (args: readonly string[]) => ({
  Command: ["python3", "-c", args[0] === "attack" ? PROBE : TARGETS],
  Args: [...args],
  Env: ["PYTHONUNBUFFERED=1"],
});

/** A server as the hub would make it for a user, but for its command and home. */
export function serverLike({ server, owner }: SwarmFacts, args: readonly string[]): OneOffTask {
  const { limits, firewall } = server;
  return {
    container: {
      ...program(args),
      Image: server.image,
      User: `${owner.uid}:${owner.gid}`,
      Init: true,
      CapabilityDrop: ["ALL"],
      Privileges: { NoNewPrivileges: true },
      Mounts: [{ Type: "bind", Source: firewall.gate, Target: GATE_TARGET, ReadOnly: true }],
    },
    resources: {
      Limits: {
        MemoryBytes: limits.memory,
        NanoCPUs: Math.round(limits.cpus * 1e9),
        Pids: limits.processes,
      },
    },
    networks: [server.network],
  };
}

/** On the node's own network and with privileges that a server has not: what is tried works here. */
function controlLike({ ownImage }: SwarmFacts, args: readonly string[]): OneOffTask {
  return {
    container: {
      ...program(args),
      Image: ownImage,
      User: "0:0",
      CapabilityAdd: ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_NET_RAW"],
    },
    networks: ["host"],
  };
}

/** The whole list from each node that may run servers. Leaves nothing behind. */
export async function tryNodes(docker: Docker, prefix: string): Promise<Row[]> {
  const facts = await collectSwarm(docker, prefix);
  if (facts.nodes.length === 0) {
    throw new Error("no node may run notebook servers now");
  }
  const started: OneOffService[] = [];
  const start = async (role: string, node: SwarmNode, task: OneOffTask): Promise<OneOffService> => {
    const made = await OneOffService.start(docker, prefix, { role, node: node.id, task });
    started.push(made);
    return made;
  };
  const ask = async <T>(role: string, node: SwarmNode, task: OneOffTask): Promise<T> =>
    (await start(role, node, task)).answer<T>();
  try {
    const name = await outsideName();
    // A server first: with it the node has the bridge, and an address there.
    const neighbours = await Promise.all(
      facts.nodes.map((node) =>
        ask<{ address: string; gateway: string }>(
          "neighbour",
          node,
          serverLike(facts, ["serve", ...NEIGHBOUR_PORTS.map(String)]),
        ),
      ),
    );
    const listeners = new Map(
      await Promise.all(
        facts.all.map(
          async (node) =>
            [node.id, await ask<HostListener>("listener", node, controlLike(facts, ["listen"]))] as const,
        ),
      ),
    );
    const found = await Promise.all(
      facts.nodes.map(async (node, at) => {
        const neighbour = neighbours[at] ?? { address: "", gateway: "" };
        const list = swarmProbes(facts, node, { listeners, neighbour }, name);
        const attack = (make: (one: Probe) => Attempt) => ["attack", JSON.stringify(list.map(make))];
        const [inside, outside] = await Promise.all([
          ask<Record<string, Outcome>>("attacker", node, serverLike(facts, attack(attempt))),
          ask<Record<string, Outcome>>("control", node, controlLike(facts, attack(controlAttempt))),
        ]);
        return rows(list, inside, [outside]).map((row) => ({ ...row, name: `${node.name}: ${row.name}` }));
      }),
    );
    return found.flat();
  } finally {
    await Promise.all(started.map((one) => one.remove()));
  }
}
