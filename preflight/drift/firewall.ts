/** Firewall rules that were changed by hand: the firewall's container restores them at once, and its log tells of it. */
import type { LookAt, Standing } from "./engine";

/** Seconds for which it is told. */
const DAY = 86_400;

/** As `jupyterhub_firewall` writes it, with the time that the engine puts before it. */
const RESTORED = /^(?<time>\S+) (?<table>.+) was changed or removed: restoring it$/;

/** A sentence for each table of rules that somebody changed in the last day. */
export async function restoredRules(standing: readonly Standing[], engine: LookAt): Promise<string[]> {
  const firewall = standing.find(({ kind, role }) => kind === "container" && role === "firewall");
  return firewall === undefined ? [] : judgeLog(firewall.name, await engine.log(firewall.id, DAY));
}

/** What its log says of that. Pure. */
export function judgeLog(name: string, log: string): string[] {
  const times = new Map<string, string[]>();
  for (const line of log.split("\n")) {
    const { time = "", table = "" } = RESTORED.exec(line)?.groups ?? {};
    if (table !== "") {
      times.set(table, [...(times.get(table) ?? []), time.replace(/\.\d+Z$/, "Z")]);
    }
  }
  return [...times].map(
    ([table, at]) =>
      `firewall ${name}: table ${table} was changed or removed ${at.length === 1 ? "once" : `${at.length} times`} ` +
      `in the last day, last at ${at.at(-1) ?? ""}. Its rules were restored at once. Find out what does that: a ` +
      "firewall service that loads its own rules, for example.",
  );
}
