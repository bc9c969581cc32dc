/** What can be changed of a container that stays the same one: its state, networks, limits, restart policy and name. */
import { type Inspected, nameOf } from "../../docker-api/containers";
import { difference, entries, type Fields, text, texts } from "./fields";

const MIB = 1024 * 1024;

/** Failed health checks in a row: half a minute of them, at one a second. */
const ILL = 30;

/** What a container does that should run, or is not there to run on. Undefined where all is well. */
export function stateOf(outputs: Fields, state: Inspected["State"]): string | undefined {
  // It has done its work, and the provider waited for its end.
  if (outputs["mustRun"] === false) {
    return undefined;
  }
  const { Status: status, ExitCode: code, OOMKilled, Health: health, FinishedAt: finished } = state;
  if (status === "running") {
    // A few checks fail on a busy machine; whoever is really ill fails them all.
    const streak = health?.FailingStreak ?? 0;
    return health?.Status === "unhealthy" && streak >= ILL
      ? `it is unhealthy (${streak} checks failed in a row)`
      : undefined;
  }
  if (status === "exited" || status === "dead") {
    const since = finished === undefined ? "" : `, since ${finished.replace(/\.\d+Z$/, "Z")}`;
    return `it is stopped (exit code ${code}${OOMKilled === true ? ", out of memory" : ""}${since})`;
  }
  return status === "restarting" ? `it keeps restarting (exit code ${code})` : `it is ${status}`;
}

/**
 * What is different between what the provider made and what there is.
 *
 * @param networkIds of the stack's networks, by name: another network may have taken a name
 */
export function containerChanges(
  outputs: Fields,
  found: Inspected,
  networkIds: ReadonlyMap<string, string>,
): string[] {
  const { HostConfig: host } = found;
  return [
    ...difference("name", [outputs["name"]], [nameOf(found)]),
    ...networks(outputs, found, networkIds),
    ...mounts(outputs, found),
    ...limit("memory", outputs["memory"], host.Memory),
    // A kernel that cannot limit swap has none here, whatever was asked for.
    ...((host.MemorySwap ?? 0) > 0 ? limit("memory and swap", outputs["memorySwap"], host.MemorySwap) : []),
    ...unlimited(outputs, host),
    ...difference("restart policy", [outputs["restart"] ?? "no"], [host.RestartPolicy?.Name || "no"]),
  ];
}

function networks(
  outputs: Fields,
  { State, NetworkSettings: { Networks: there } }: Inspected,
  networkIds: ReadonlyMap<string, string>,
): string[] {
  const wanted = entries(outputs["networksAdvanced"]).filter(({ name }) => typeof name === "string");
  // Without networks of its own a container has one of the engine's: the host's, none, or the default.
  if (wanted.length === 0) {
    return [];
  }
  const names = wanted.map(({ name }) => text(name));
  return [
    ...difference("networks", names, Object.keys(there)),
    ...wanted.flatMap(({ name, aliases, ipv4Address }) => {
      const on = there[text(name)];
      if (on === undefined) {
        return [];
      }
      const id = networkIds.get(text(name));
      if (id !== undefined && on.NetworkID && on.NetworkID !== id) {
        return [`network ${text(name)}: it is on another network of that name`];
      }
      const address = on.IPAddress || on.IPAMConfig?.IPv4Address;
      return [
        ...(text(ipv4Address) === "" || (!address && State.Status !== "running")
          ? []
          : difference(`address on ${text(name)}`, [ipv4Address], address ? [address] : [])),
        // The engine adds some of its own.
        ...difference(
          `aliases on ${text(name)}`,
          texts(aliases),
          texts(aliases).filter((alias) => on.Aliases.includes(alias)),
        ),
      ];
    }),
  ];
}

function mounts(outputs: Fields, { Mounts }: Inspected): string[] {
  const shown = (source: unknown, path: unknown, readOnly: boolean) =>
    `${String(source)}:${String(path)}${readOnly ? ":ro" : ""}`;
  const wanted = entries(outputs["volumes"]).map(({ volumeName, hostPath, containerPath, readOnly }) =>
    shown(volumeName || hostPath, containerPath, readOnly === true),
  );
  const there = Mounts.map(({ Name, Source, Destination, RW }) => shown(Name ?? Source, Destination, !RW));
  // What an image asks for by itself is no change.
  const paths = new Set(wanted.map((mount) => mount.split(":")[1]));
  return difference(
    "mounts",
    wanted,
    there.filter((mount) => paths.has(mount.split(":")[1]) || wanted.length === 0),
  );
}

/** A limit in words. */
export const bytes = (count: number): string => (count <= 0 ? "no limit" : `${count / MIB} MiB`);

const limit = (field: string, wanted: unknown, found = 0): string[] =>
  typeof wanted !== "number" ? [] : difference(field, [bytes(wanted * MIB)], [bytes(found)]);

/** Limits that `docker update` sets; one that the stack does not set has none. */
function unlimited(outputs: Fields, host: Inspected["HostConfig"]): string[] {
  const none = (value: unknown) => (value === undefined || value === null || value === "" ? 0 : value);
  const nano = Number(none(outputs["cpus"])) * 1e9;
  const limits = [
    ["processors", nano / 1e9, (host.NanoCpus ?? 0) / 1e9],
    ["processor quota", 0, host.CpuQuota],
    ["processor shares", outputs["cpuShares"], host.CpuShares],
    ["processor set", outputs["cpuSet"], host.CpusetCpus],
    ["memory reservation", 0, host.MemoryReservation],
    ["processes", 0, Math.max(0, host.PidsLimit ?? 0)],
  ] as const;
  return limits.flatMap(([field, wanted, found]) => {
    const [expected, got] = [none(wanted), none(found)].map((value) => (value === 0 ? "no limit" : value));
    return difference(field, [expected], [got]);
  });
}
