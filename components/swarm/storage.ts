import type { StorageConfig, SwarmConfig } from "../../config";

/** Where people's homes are in a Swarm. */
export type SwarmHomes = NonNullable<SwarmConfig["homes"]>;

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

/** Storage as on a single host, with homes where `swarm.homes` says: a tree that all nodes have mounted, or volumes. */
export function swarmStorage(storage: StorageConfig, homes: SwarmHomes): StorageConfig {
  const { mountPath } = storage.homes;
  const place = (strategies[homes.kind] as Strategy<SwarmHomes["kind"]>)(homes);
  return { ...storage, homes: { ...place, mountPath } };
}
