/** What was changed on the engine since the last update, by kind of object. */
import { PUT_BACK_LABEL, ROLLED_BACK_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { containerChanges, stateOf } from "./container";
import type { FoundNetwork, LookAt } from "./engine";
import { difference, entries, type Fields, fields, text } from "./fields";
import { changedFiles } from "./files";
import { BUILT_IMAGE, CONFIG, CONTAINER, NETWORK, PULLED_IMAGE, SECRET, SERVICE, VOLUME } from "./kinds";
import type { Made } from "./made";
import { serviceChanges } from "./service";
import { settingsChanges } from "./settings";

/** A resource whose object is gone or was changed. */
export interface Drift {
  readonly type: string;
  /** Pulumi's name of the resource. */
  readonly name: string;
  /** Kind and name on the engine: `container jupyterhub-dev-hub`. */
  readonly object: string;
  /** The name alone. */
  readonly physicalName: string;
  /** What is different, field by field: `networks: expected a and b, got a`. */
  readonly changes: readonly string[];
  /** Whether the object is there, and can be put right without another one in its place. @default false */
  readonly isThere?: boolean;
  /** Why it is not made again, and what to do: a sentence without its end. */
  readonly left?: string;
  /** Id of what has taken its name, and has to go first. */
  readonly inTheWay?: string;
}

/** What is known of the stack as a whole. */
interface Stack {
  readonly engine: LookAt;
  readonly prefix: string;
  /** Ids of its networks by name. */
  readonly networkIds: ReadonlyMap<string, string>;
}

/** What is different of a resource, or nothing. */
type Compare = (
  made: Made,
  stack: Stack,
) => Promise<Omit<Drift, "type" | "name" | "physicalName"> | undefined>;

const GONE = "it is gone";

const container: Compare = async ({ outputs }, { engine, prefix, networkIds }) => {
  const name = text(outputs["name"]);
  const object = `container ${name}`;
  const found = await engine.container(text(outputs["id"]));
  if (found !== undefined) {
    const changes = [
      ...containerChanges(outputs, found, networkIds),
      ...(await changedFiles(outputs, found, engine)),
    ];
    const state = stateOf(outputs, found.State);
    const all = state === undefined ? changes : [state, ...changes];
    return all.length === 0 ? undefined : { object, changes: all };
  }
  const other = await engine.container(name);
  if (other === undefined) {
    return { object, changes: [GONE] };
  }
  const {
    [STACK_LABEL]: owner,
    [PUT_BACK_LABEL]: putBack,
    [ROLLED_BACK_LABEL]: rolledBack,
  } = other.Config.Labels;
  if (owner === prefix && (putBack ?? rolledBack) !== undefined) {
    const why =
      putBack === undefined
        ? `it was replaced by the one of before (./hub rollback, ${rolledBack ?? ""})`
        : "the last good hub was put back in its place, since it did not come up";
    return { object, changes: [why] };
  }
  const changes = [
    `another container has its name (${other.Id.slice(0, 12)})`,
    ...settingsChanges(outputs, other),
    ...containerChanges(outputs, other, networkIds),
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

const network: Compare = async ({ outputs }, { engine }) => {
  const name = text(outputs["name"]);
  const object = `network ${name}`;
  if ((await engine.network(text(outputs["id"]))) !== undefined) {
    return undefined;
  }
  const other = await engine.network(name);
  return other === undefined
    ? { object, changes: [GONE] }
    : {
        object,
        changes: [
          `another network has its name (${other.Id.slice(0, 12)})`,
          ...networkChanges(outputs, other),
        ],
        inTheWay: other.Id,
      };
};

/** What nobody can change of a network but by making another one. */
function networkChanges(outputs: Fields, found: FoundNetwork): string[] {
  const subnets = entries(outputs["ipamConfigs"]).flatMap(({ subnet }) => subnet ?? []);
  return [
    ...difference("driver", [outputs["driver"] ?? "bridge"], [found.Driver]),
    ...difference("internal", [outputs["internal"] === true], [found.Internal === true]),
    ...difference(
      "subnet",
      subnets,
      subnets.length === 0 ? [] : (found.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
    ),
    ...difference("options", pairs(outputs["options"]), pairs(found.Options)),
  ];
}

const pairs = (value: unknown): string[] =>
  Object.entries(fields(value)).map(([key, one]) => `${key}=${String(one)}`);

const volume: Compare = async ({ outputs }, { engine }) => {
  const name = text(outputs["name"]);
  const object = `volume ${name}`;
  const found = await engine.volume(name);
  if (found === undefined) {
    return { object, changes: [`${GONE}, with all that was in it`] };
  }
  const [wanted, options] = [fields(outputs["driverOpts"]), found.Options];
  const changes = [
    ...difference("driver", [outputs["driver"] ?? "local"], [found.Driver ?? "local"]),
    // The values may have a login in them.
    ...difference("options", Object.keys(wanted), Object.keys(options)),
    ...Object.keys(wanted)
      .filter((key) => options[key] !== undefined && options[key] !== wanted[key])
      .map((key) => `option ${key}: it was changed`),
  ];
  const left =
    "It stays as it is, because it may hold data. Copy what is needed, remove the containers that use it, and then " +
    `the volume with: docker volume rm ${name}`;
  return changes.length === 0 ? undefined : { object, changes, left };
};

const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

/** Of an image that was pushed, the provider tells the registry's digest: nodes pull it from there. */
const builtImage: Compare = async ({ outputs }, { engine }) => {
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

const pulledImage: Compare = async ({ outputs }, { engine }) => {
  const id = text(outputs["imageId"]);
  const isThere = !IMAGE_ID.test(id) || (await engine.images()).some(({ Id }) => Id === id);
  return isThere ? undefined : { object: `image ${text(outputs["name"])}`, changes: [GONE] };
};

const service: Compare = async ({ outputs }, { engine }) => {
  const name = text(outputs["name"]);
  const object = `service ${name}`;
  const found = await engine.service(text(outputs["id"]));
  if (found !== undefined) {
    const changes = serviceChanges(outputs, found);
    return changes.length === 0 ? undefined : { object, changes, isThere: true };
  }
  const other = await engine.service(name);
  return {
    object,
    changes: [other === undefined ? GONE : `another service has its name (${other.ID.slice(0, 12)})`],
  };
};

/** What is in a secret cannot be read, and neither a secret nor a config can be given other content. */
const handedOut =
  (kind: "secret" | "config"): Compare =>
  async ({ outputs }, { engine }) =>
    (await engine[kind](text(outputs["id"])))
      ? undefined
      : { object: `${kind} ${text(outputs["name"])}`, changes: [GONE] };

const KINDS: Readonly<Record<string, Compare>> = {
  [CONTAINER]: container,
  [NETWORK]: network,
  [VOLUME]: volume,
  [BUILT_IMAGE]: builtImage,
  [PULLED_IMAGE]: pulledImage,
  [SERVICE]: service,
  [SECRET]: handedOut("secret"),
  [CONFIG]: handedOut("config"),
};

/**
 * Looks at each object that the last update made.
 *
 * @param prefix of the stack's names
 * @throws Error where the engine does not answer, or not as a Docker Engine
 */
export async function findDrift(made: readonly Made[], engine: LookAt, prefix: string): Promise<Drift[]> {
  const networkIds = new Map(
    made.flatMap(({ type, outputs }) =>
      type === NETWORK ? [[text(outputs["name"]), text(outputs["id"])] as const] : [],
    ),
  );
  const looked = await Promise.all(
    made.map(async (one) => {
      const found = await KINDS[one.type]?.(one, { engine, prefix, networkIds });
      const physicalName = text(one.outputs["name"]);
      return found === undefined ? [] : [{ type: one.type, name: one.name, physicalName, ...found }];
    }),
  );
  return looked.flat();
}
