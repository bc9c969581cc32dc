import type { StorageConfig, SwarmConfig } from "../../config";
import { shortHash } from "../../docker-api/naming";
import { sorted } from "../sorted";

/** Where people's homes are in a Swarm. */
export type SwarmHomes = SwarmConfig["homes"];

type Strategy<Kind extends SwarmHomes["kind"]> = (
  homes: Extract<SwarmHomes, { kind: Kind }>,
) =>
  | { readonly kind: "tree"; readonly root: string }
  | { readonly kind: "volume"; readonly driver: string; readonly options: Readonly<Record<string, string>> };

const strategies: { readonly [Kind in SwarmHomes["kind"]]: Strategy<Kind> } = {
  "shared-path": ({ path }) => ({ kind: "tree", root: path }),
  nfs: (homes) => ({
    kind: "volume",
    driver: "local",
    options: {
      type: "nfs",
      o: `addr=${homes.server},${homes.options}`,
      device: `:${homes.export}/{username}`,
    },
  }),
  volume: ({ driver, options }) => ({ kind: "volume", driver, options }),
  local: () => ({ kind: "volume", driver: "local", options: {} }),
};

/** Nodes have no homes of other deployments. */
const NONE = { takenOver: [] };

/**
 * Storage as on a single host, with homes where `swarm.homes` says: a tree that all nodes have mounted, or volumes.
 *
 * A volume that leads elsewhere has where in its name: a node that has a volume of the name takes it as it is, whatever
 * driver and options are wanted, and would go on with a place that was left long ago.
 */
export function swarmStorage(prefix: string, storage: StorageConfig, homes: SwarmHomes): StorageConfig {
  const { mountPath } = storage.homes;
  const place = (strategies[homes.kind] as Strategy<SwarmHomes["kind"]>)(homes);
  if (place.kind === "tree" || homes.kind === "local") {
    return {
      ...storage,
      homes: place.kind === "tree" ? { ...place, mountPath } : { ...place, ...NONE, mountPath },
    };
  }
  const where = shortHash(JSON.stringify([place.driver, sorted(place.options)]));
  return { ...storage, homes: { ...place, ...NONE, name: `${prefix}-home-${where}-{username}`, mountPath } };
}
