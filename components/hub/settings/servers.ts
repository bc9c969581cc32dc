import type { ServersConfig } from "../../../config";
import { section } from "./section";

/** Longest time between two looks for idle servers, in seconds. */
const LONGEST_INTERVAL = 600;

/**
 * Servers that run, and when they are stopped.
 *
 * @param longestRoutesInterval most seconds between two looks at the proxy's routes
 */
export function renderServers({ idle, ...servers }: ServersConfig, longestRoutesInterval = Infinity) {
  return {
    ...servers,
    lastActivityInterval: Math.min(servers.lastActivityInterval, longestRoutesInterval),
    idle: renderIdle(idle),
  };
}

/** Times in seconds, null for never; null where no server is ever stopped. */
function renderIdle(idle: ServersConfig["idle"]) {
  const exceptions = idle.exceptions.map((exception) =>
    section(["kind", "name", "timeout", "maxAge"], {
      ...exception,
      timeout: exception.timeout === undefined ? idle.timeout : exception.timeout,
      maxAge: exception.maxAge === undefined ? idle.maxAge : exception.maxAge,
    }),
  );
  const times = [idle, ...exceptions]
    .flatMap(({ timeout, maxAge }) => [timeout, maxAge])
    .filter((time) => typeof time === "number");
  if (times.length === 0) {
    return null;
  }
  return section(["timeout", "maxAge", "checkInterval"], {
    ...idle,
    checkInterval:
      idle.checkInterval ?? Math.min(LONGEST_INTERVAL, Math.max(1, Math.floor(Math.min(...times) / 2))),
    exceptions: exceptions.sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1)),
  });
}
