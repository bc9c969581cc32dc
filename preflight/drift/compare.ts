/** What was changed on the engine since the last update, by kind of object. */
import { STACK_LABEL } from "../../docker-api/naming";
import { containerChanges, stateOf } from "./container";
import type { LookAt } from "./engine";
import { changedFiles } from "./files";
import { BUILT_IMAGE, CONTAINER, NETWORK, PULLED_IMAGE, SERVICE, VOLUME } from "./kinds";
import type { Made } from "./made";
import { serviceChanges } from "./service";

/** A resource whose object is gone or was changed. */
export interface Drift {
  readonly type: string;
  /** Pulumi's name of the resource. */
  readonly name: string;
  /** Kind and name on the engine: `container jupyterhub-dev-hub`. */
  readonly object: string;
  /** What is different, field by field: `networks: expected a and b, got a`. */
  readonly changes: readonly string[];
}

/** What is different of a resource, or nothing. */
type Compare = (
  made: Made,
  engine: LookAt,
  prefix: string,
) => Promise<Omit<Drift, "type" | "name"> | undefined>;

export const text = (value: unknown): string => (typeof value === "string" ? value : "");

const GONE = "it is gone";

const container: Compare = async ({ outputs }, engine, prefix) => {
  const name = text(outputs["name"]);
  const object = `container ${name}`;
  const found = await engine.container(text(outputs["id"]));
  if (found !== undefined) {
    const changes = [...containerChanges(outputs, found), ...(await changedFiles(outputs, engine))];
    const state = stateOf(outputs, found.State);
    const all = state === undefined ? changes : [state, ...changes];
    return all.length === 0 ? undefined : { object, changes: all };
  }
  const other = await engine.container(name);
  if (other === undefined) {
    return { object, changes: [GONE] };
  }
  const changes = [
    `another container has its name (${other.Id.slice(0, 12)})`,
    ...containerChanges(outputs, other),
  ];
  return other.Config.Labels[STACK_LABEL] === prefix
    ? { object, changes }
    : {
        object,
        changes: [
          ...changes,
          `which this stack did not make: rename it, or remove it with: docker rm -f ${name}`,
        ],
      };
};

const network: Compare = async ({ outputs }, engine) => {
  const name = text(outputs["name"]);
  const object = `network ${name}`;
  if ((await engine.network(text(outputs["id"]))) !== undefined) {
    return undefined;
  }
  const other = await engine.network(name);
  return {
    object,
    changes: [other === undefined ? GONE : `another network has its name (${other.Id.slice(0, 12)})`],
  };
};

const volume: Compare = async ({ outputs }, engine) => {
  const name = text(outputs["name"]);
  return (await engine.volume(name))
    ? undefined
    : { object: `volume ${name}`, changes: [`${GONE}, with all that was in it`] };
};

const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

/** Of an image that was pushed, the provider tells the registry's digest: nodes pull it from there. */
const builtImage: Compare = async ({ outputs }, engine) => {
  const id = text(outputs["repoDigest"]);
  const tag = text(outputs["imageName"]);
  if (!IMAGE_ID.test(id)) {
    return undefined;
  }
  const tagged = (await engine.images()).find(({ RepoTags }) => RepoTags?.includes(tag));
  if (tagged?.Id === id) {
    return undefined;
  }
  return {
    object: `image ${tag}`,
    changes: [tagged === undefined ? GONE : `another image has its name (${tagged.Id.slice(7, 19)})`],
  };
};

const pulledImage: Compare = async ({ outputs }, engine) => {
  const id = text(outputs["imageId"]);
  const isThere = !IMAGE_ID.test(id) || (await engine.images()).some(({ Id }) => Id === id);
  return isThere ? undefined : { object: `image ${text(outputs["name"])}`, changes: [GONE] };
};

const service: Compare = async ({ outputs }, engine) => {
  const object = `service ${text(outputs["name"])}`;
  const found = await engine.service(text(outputs["id"]));
  if (found === undefined) {
    return { object, changes: [GONE] };
  }
  const changes = serviceChanges(outputs, found);
  return changes.length === 0 ? undefined : { object, changes };
};

const KINDS: Readonly<Record<string, Compare>> = {
  [CONTAINER]: container,
  [NETWORK]: network,
  [VOLUME]: volume,
  [BUILT_IMAGE]: builtImage,
  [PULLED_IMAGE]: pulledImage,
  [SERVICE]: service,
};

/**
 * Looks at each object that the last update made.
 *
 * @param prefix of the stack's names
 * @throws Error where the engine does not answer, or not as a Docker Engine
 */
export async function findDrift(made: readonly Made[], engine: LookAt, prefix: string): Promise<Drift[]> {
  const looked = await Promise.all(
    made.map(async (one) => {
      const found = await KINDS[one.type]?.(one, engine, prefix);
      return found === undefined ? [] : [{ type: one.type, name: one.name, ...found }];
    }),
  );
  return looked.flat();
}
