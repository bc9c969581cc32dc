/** Nodes of a Swarm, as the configuration wants them and as they are. */
import { meets } from "../../components/swarm/entry";
import type { ConfigOf } from "../../config";
import { program, shellWord } from "../../config/commands";
import { keyName } from "../../config/keys";
import type { Drift } from "./compare";
import { COMMAND } from "./kinds";
import type { ListedNode } from "./swarm-shapes";

/** Pulumi's name of what joins the nodes. */
export const JOIN = "swarm-join";

type Swarm = Pick<ConfigOf<"swarm">["swarm"], "nodes" | "notebooks" | "proxy">;

export interface NodeLook {
  /** Nodes that an update joins again. */
  readonly drift: readonly Drift[];
  /** What only an administrator can know the reason of: sentences, with commands. */
  readonly notices: readonly string[];
}

/**
 * Pure.
 *
 * @param hasLeft whether the machine of that name says that it is in no Swarm
 */
export function lookAtNodes(
  swarm: Swarm,
  nodes: readonly ListedNode[],
  hasLeft: (name: string) => boolean,
  stack: string,
): NodeLook {
  const wanted = swarm.nodes.map(({ name, role }) => ({ name, role }));
  const of = (name: string) => {
    const found = nodes.filter(({ Description }) => Description.Hostname === name);
    return found.find(({ Status }) => Status.State === "ready") ?? found[0];
  };
  const gone = wanted.filter(({ name }) => of(name) === undefined || hasLeft(name));
  const drift = gone.map(({ name }) => ({
    type: COMMAND,
    name: JOIN,
    object: `node ${name}`,
    physicalName: name,
    changes: ["it is no longer in the Swarm"],
  }));
  // Of two entries of one name the earlier one is of no interest.
  const there = nodes.filter(
    (node) =>
      of(node.Description.Hostname) === node && !gone.some(({ name }) => name === node.Description.Hostname),
  );
  const notices = there.flatMap(({ Description: { Hostname: name }, Spec, Status }) => {
    const role = wanted.find((one) => one.name === name)?.role;
    return [
      ...(Status.State === "ready" ? [] : [`node ${name}: it is ${Status.State}, and runs nothing.`]),
      ...(Spec.Availability === "active"
        ? []
        : [
            `node ${name}: availability: expected active, got ${Spec.Availability}, so no server starts there. ` +
              `To take it back:  ${program("hub")} node add ${shellWord(name)} --stack ${shellWord(stack)}`,
          ]),
      ...(role === undefined || role === Spec.Role
        ? []
        : [
            `node ${name}: role: expected ${role}, got ${Spec.Role}. ` +
              `To change it:  docker node ${role === "manager" ? "promote" : "demote"} ${shellWord(name)}`,
          ]),
    ];
  });
  return { drift, notices: [...notices, ...unmet(swarm, nodes)] };
}

/** Labels of nodes that constraints name and no node has. */
function unmet({ notebooks, proxy }: Swarm, nodes: readonly ListedNode[]): string[] {
  const places: readonly (readonly [key: string, constraints: readonly string[]])[] = [
    ["swarm.proxy.constraints", proxy.constraints],
    ["swarm.notebooks.constraints", notebooks.constraints],
    ...Object.entries(notebooks.ofProfiles).map(
      ([name, list]) => [`swarm.notebooks.ofProfiles.${name}`, list] as const,
    ),
    ...Object.entries(notebooks.ofGroups).map(
      ([name, list]) => [`swarm.notebooks.ofGroups.${name}`, list] as const,
    ),
  ];
  return places.flatMap(([key, constraints]) =>
    constraints
      .filter((one) => /^node\.labels\.[^=!]+==/.test(one.replaceAll(" ", "")))
      .filter((one) => !nodes.some((node) => meets(node, one.replaceAll(" ", ""))))
      .map((one) => {
        const label = one.replaceAll(" ", "").replace("node.labels.", "").replace("==", "=");
        return (
          `${keyName(key)}: no node has the label of ${one}, so nothing starts there. ` +
          `To set it:  docker node update --label-add ${label} NODE`
        );
      }),
  );
}
