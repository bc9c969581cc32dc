import type { HubConfig, SwarmConfig } from "../../../config";
import { prefixSetting, STACK_LABEL } from "../../../docker-api/naming";
import { serverLog } from "../../logging";
import { sorted } from "../../sorted";
import { renderGpus, renderProfile } from "./profiles";
import { section } from "./section";
import type { SwarmWiring, Wiring } from "./wiring";

/** How notebook servers are made: what containers of one host and services of a Swarm have in common. */
export function renderSpawner<Kind extends string>(
  kind: Kind,
  { name: prefix, notebook, logging }: Pick<HubConfig, "name" | "notebook" | "logging">,
  wiring: Wiring,
) {
  const { image: source, jupyterlab, profiles, gpus, environment, ...own } = notebook;
  return section(["kind", "image", "network", "namePrefix", "command", "startPage", "environment"], {
    ...own,
    kind,
    image: wiring.image,
    network: wiring.network,
    ...prefixSetting(prefix),
    environment: sorted(environment),
    gpus: renderGpus(gpus),
    profiles: profiles.map((profile) =>
      renderProfile(profile, wiring.ofProfiles[profile.slug] ?? wiring.image),
    ),
    labels: sorted({ [STACK_LABEL]: prefix }),
    ...serverLog(logging),
  });
}

const sortedLists = (lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  sorted(Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list].sort()])));

/** How they are made in a Swarm, and where they may run. */
export function renderSwarmSpawner(
  config: Pick<HubConfig, "name" | "notebook" | "logging">,
  { notebooks, homes }: Pick<SwarmConfig, "notebooks" | "homes">,
  wiring: SwarmWiring,
) {
  const { constraints, ofProfiles, ofGroups, reservedMemory, reservedCpus, ...own } = notebooks;
  return {
    ...renderSpawner("swarm", config, wiring),
    reservation: { memory: reservedMemory, cpus: reservedCpus },
    placement: {
      everybody: [...constraints].sort(),
      profiles: sortedLists(ofProfiles),
      groups: sortedLists(ofGroups),
    },
    // People are bound to the node with their home.
    pinned: homes.kind === "local",
    prePullers: sorted(wiring.prePullers),
    firewall: wiring.firewall,
    ...own,
  };
}
