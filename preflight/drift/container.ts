/** Fields of a container that can be changed by hand, or are different in one that took its name. */
import type { FoundContainer } from "./engine";
import { difference, isFields } from "./fields";

type Outputs = Readonly<Record<string, unknown>>;

const MIB = 1024 * 1024;

/** Failed health checks in a row: half a minute of them, at one a second. */
const ILL = 30;

/** Entries of a list of the provider's, which may leave it out. */
const entries = (value: unknown): Outputs[] => (Array.isArray(value) ? value.filter(isFields) : []);

const texts = (list: readonly unknown[]): string[] => list.filter((one) => typeof one === "string");

/** What a container does that should run, or is not there to run on. Undefined where all is well. */
export function stateOf(outputs: Outputs, state: FoundContainer["State"]): string | undefined {
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

/** What is different between what the provider made and what there is. */
export function containerChanges(outputs: Outputs, found: FoundContainer): string[] {
  const { HostConfig: host } = found;
  return [
    ...networks(outputs, found),
    ...mounts(outputs, found),
    ...limit("memory", outputs["memory"], host.Memory),
    // A kernel that cannot limit swap has none here, whatever was asked for.
    ...((host.MemorySwap ?? 0) > 0 ? limit("memory and swap", outputs["memorySwap"], host.MemorySwap) : []),
    ...difference("restart policy", [outputs["restart"] ?? "no"], [host.RestartPolicy?.Name || "no"]),
  ];
}

function networks(outputs: Outputs, { NetworkSettings }: FoundContainer): string[] {
  const wanted = texts(entries(outputs["networksAdvanced"]).map(({ name }) => name));
  // Without networks of its own a container has one of the engine's: the host's, none, or the default.
  return wanted.length === 0
    ? []
    : difference("networks", wanted, Object.keys(NetworkSettings.Networks ?? {}));
}

function mounts(outputs: Outputs, { Mounts }: FoundContainer): string[] {
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

function limit(field: string, wanted: unknown, found = 0): string[] {
  const shown = (bytes: number) => (bytes <= 0 ? "no limit" : `${bytes / MIB} MiB`);
  return typeof wanted !== "number" ? [] : difference(field, [shown(wanted * MIB)], [shown(found)]);
}
