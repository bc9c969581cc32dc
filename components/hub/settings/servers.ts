import type { ServersConfig } from "../../../config";

/** Servers that run, and when they are stopped. */
export type ServersSettings = ServersConfig;

/** Longest time between two looks for idle servers, in seconds. */
const LONGEST_INTERVAL = 600;

export function renderServers({ idle, ...servers }: ServersSettings): Record<string, unknown> {
  return { ...servers, idle: renderIdle(idle) };
}

/** Times in seconds, null for never; null where no server is ever stopped. */
function renderIdle(idle: ServersSettings["idle"]): Record<string, unknown> | null {
  const exceptions = idle.exceptions.map(({ kind, name, timeout, maxAge }) => ({
    kind,
    name,
    timeout: timeout === undefined ? idle.timeout : timeout,
    maxAge: maxAge === undefined ? idle.maxAge : maxAge,
  }));
  const times = [idle, ...exceptions]
    .flatMap(({ timeout, maxAge }) => [timeout, maxAge])
    .filter((time) => typeof time === "number");
  if (times.length === 0) return null;
  return {
    timeout: idle.timeout,
    maxAge: idle.maxAge,
    checkInterval:
      idle.checkInterval ?? Math.min(LONGEST_INTERVAL, Math.max(1, Math.floor(Math.min(...times) / 2))),
    users: idle.users,
    exceptions: exceptions.sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1)),
  };
}
