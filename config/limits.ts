/** All limits of a configuration, wherever they are written. */
import type { Path } from "./errors";
import type { HubConfig, LimitsConfig } from "./types";

/** Limits at one place: a key that is left out says nothing there. */
export interface PlacedLimits {
  /** Place of the limits in the configuration: `["groups", "physics", "limits"]`. */
  readonly path: Path;
  readonly limits: Partial<LimitsConfig>;
}

/** The defaults first; whoever adds a place for limits adds it here. */
export function allLimits(config: Pick<HubConfig, "notebook" | "groups" | "users">): readonly PlacedLimits[] {
  const below = (section: "groups" | "users") =>
    Object.entries(config[section]).map(([name, { limits }]) => ({
      path: [section, name, "limits"],
      limits,
    }));
  const profiles = config.notebook.profiles.map(({ limits }, index) => ({
    path: ["notebook", "profiles", index, "limits"],
    limits,
  }));
  return [
    { path: ["notebook", "limits"], limits: config.notebook.limits },
    ...profiles,
    ...below("groups"),
    ...below("users"),
  ];
}

/** The most that any server may have of each: swap is -1 if one may have as much as there is. */
export function largestLimits(places: readonly PlacedLimits[]): LimitsConfig {
  const all = (name: keyof LimitsConfig) =>
    places.map(({ limits }) => limits[name]).filter((value) => value !== undefined);
  /** Nothing where none names one: no server may then have what the engine does not give to all. */
  const some = (name: "shmSize" | "memoryReservation" | "cpuShares") => {
    const values = all(name);
    return values.length === 0 ? {} : { [name]: Math.max(...values) };
  };
  const swap = all("swap");
  return {
    memory: Math.max(...all("memory")),
    swap: swap.includes(-1) ? -1 : Math.max(...swap),
    cpus: Math.max(...all("cpus")),
    processes: Math.max(...all("processes")),
    ...some("shmSize"),
    ...some("memoryReservation"),
    ...some("cpuShares"),
  };
}
