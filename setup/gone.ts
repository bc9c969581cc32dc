/** What a Swarm no longer has of a stack. */
import type { Address } from "../docker-api/client";
import { ask } from "../docker-api/get";
import type { State } from "./stack";

/** A resource whose object is gone. */
export interface Gone {
  readonly urn: string;
  /** Kind and name: `service jupyterhub-proxy`. */
  readonly object: string;
}

/** Objects that only a manager has, and the paths of its API. */
const KINDS: Readonly<Record<string, readonly [kind: string, path: string]>> = {
  "docker:index/service:Service": ["service", "/services"],
  "docker:index/secret:Secret": ["secret", "/secrets"],
  "docker:index/serviceConfig:ServiceConfig": ["config", "/configs"],
};

/**
 * Services, secrets and configs that the state has and the manager does not. The Docker provider can only create them
 * again once the state does not have them either: it fails where it is to remove what is gone.
 *
 * @returns nothing where the engine is no manager, or does not answer: the update itself says what is wrong then
 */
export async function goneFromSwarm(address: Address, state: State): Promise<Gone[]> {
  const known = state.resources.flatMap(({ urn, type, id, outputs }) => {
    const found = KINDS[type];
    const name = outputs?.["name"];
    return found === undefined || id === undefined || id === ""
      ? []
      : [{ urn, id, path: found[1], object: `${found[0]} ${typeof name === "string" ? name : id}` }];
  });
  if (known.length === 0) {
    return [];
  }
  const lists = new Map(
    await Promise.all(
      Object.values(KINDS).map(async ([, path]) => [path, await idsAt(address, path)] as const),
    ),
  );
  return known
    .filter(({ id, path }) => lists.get(path)?.has(id) === false)
    .map(({ urn, object }) => ({ urn, object }));
}

async function idsAt(address: Address, path: string): Promise<ReadonlySet<string> | undefined> {
  const answer = await ask(address, path).catch(() => undefined);
  if (answer?.status !== 200) {
    return undefined;
  }
  const list: unknown = JSON.parse(answer.body.toString());
  return Array.isArray(list)
    ? new Set(list.map((one: unknown) => String((one as { ID?: unknown } | null)?.ID)))
    : undefined;
}
