import type { NodeAnswer } from "../../../docker-api/swarm";

export function node(name: string, role: "manager" | "worker", more: Partial<NodeAnswer> = {}): NodeAnswer {
  return {
    ID: `id-${name}`,
    Version: { Index: 1 },
    Spec: { Role: role, Availability: "active", Labels: { entry: "yes" } },
    Description: { Hostname: name },
    Status: { State: "ready", Addr: `10.0.0.${name.slice(-1)}` },
    ...(role === "manager" ? { ManagerStatus: { Addr: "10.0.0.9:2377", Reachability: "reachable" } } : {}),
    ...more,
  };
}
