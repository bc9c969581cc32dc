import type { NodeAnswer } from "../../docker-api/swarm";
import { addressOf } from "../../docker-api/swarm";

/** Whether a node meets a placement constraint, as far as can be told from outside. */
export function meets(
  node: Pick<NodeAnswer, "ID"> & {
    readonly Spec: {
      readonly Role: string;
      readonly Labels?: Readonly<Record<string, string>> | null | undefined;
    };
    readonly Description: { readonly Hostname: string };
  },
  constraint: string,
): boolean {
  const [, key = "", operator, value] = /^(.*?)(==|!=)(.*)$/.exec(constraint) ?? [];
  const label = key.startsWith("node.labels.") ? (node.Spec.Labels?.[key.slice(12)] ?? "") : undefined;
  const known: Readonly<Record<string, string>> = {
    "node.id": node.ID,
    "node.hostname": node.Description.Hostname,
    "node.role": node.Spec.Role,
  };
  const is = label ?? known[key];
  return is === undefined || (is === value) === (operator === "==");
}

/** A node for people to look at. */
export interface NodeOutput {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly state: string;
  readonly availability: string;
  readonly imagesPresent: boolean;
}

/** The nodes by name. `prepared`: ids of those where the pre-pullers have brought the images. */
export function nodeOutputs(nodes: readonly NodeAnswer[], prepared: ReadonlySet<string>): NodeOutput[] {
  return nodes
    .map((node) => ({
      name: node.Description.Hostname,
      role: node.Spec.Role,
      address: addressOf(node),
      state: node.Status.State,
      availability: node.Spec.Availability,
      imagesPresent: prepared.has(node.ID),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Addresses of the nodes that may run Traefik. */
export function entryAddresses(nodes: readonly NodeAnswer[], constraints: readonly string[]): string[] {
  return nodes
    .filter((node) => constraints.every((constraint) => meets(node, constraint)))
    .map((node) => addressOf(node))
    .sort();
}
