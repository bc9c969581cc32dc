/** Makes docs/reliability.md from docs/reliability.yaml, which says what is expected, and from what a run has seen. */
import { parse } from "yaml";

/** Where a fault is tried. */
export type Place = "single-host" | "lockdown" | "engine" | "swarm";

export interface Fault {
  readonly id: string;
  /** A row for each. */
  readonly on: readonly Place[];
  readonly fault: string;
  readonly expected: string;
  /** Part of `npm test` too, which has ten minutes for all of them. Otherwise of `npm run test:faults` only. */
  readonly gate?: boolean;
}

/** What a run has seen of one fault in one place. */
export interface Result {
  /** In words. */
  readonly seen: string;
  /** Seconds until all was well again. */
  readonly seconds: number;
  /** Requests to the notebook of somebody at work, where there was one. */
  readonly requests?: { readonly all: number; readonly failed: number };
  readonly date: string;
  readonly engine: string;
  readonly plugins: string;
  /** Processes that wanted to run, for each processor. Times grow with it. */
  readonly load?: number;
}

/** By `keyOf()`. */
export type Results = Readonly<Record<string, Result>>;

export const keyOf = (place: Place, id: string): string => `${place}/${id}`;

export const parseFaults = (text: string): Fault[] => parse(text) as Fault[];

const PLACES: Record<Place, string> = {
  "single-host": "Single host",
  lockdown: "Lockdown",
  engine: "The Docker host itself",
  swarm: "Swarm",
};

const INTRODUCTION = `# Reliability

<!-- Made from docs/reliability.yaml and test/faults/results.json by \`npm run generate\`: do not edit. -->

What happens when something breaks. Each row is a fault that was caused on a real Docker Engine while somebody worked:
a kernel printed a number five times a second over its WebSocket, and a program asked her notebook server and the login page
ten times a second. "Seen" is what the last run measured. A fault that ended in another way than expected, or was not tried
yet, has no row: it is named below the others.

The seconds are from the fault, or from the command that corrects it, until all was well again. The requests are those to the
notebook server. On a Swarm of three hosts they are those that were made while the hub was away. \`npm run test:faults\` and,
for the Swarm, \`npm run test:swarm\` cause the faults again, and renew this page ([how](../CONTRIBUTING.md#cause-faults)).
`;

/** The page, with the rows that were seen. */
export function reliabilityPage(faults: readonly Fault[], results: Results): string {
  const lines: string[] = [INTRODUCTION];
  const all = Object.values(results);
  if (all.length > 0) {
    const facts = [...new Set(all.map(({ engine, plugins }) => `${engine}, ${plugins}`))].sort();
    const days = span(all.map(({ date }) => date).sort());
    const loads = span(all.flatMap(({ load }) => load ?? []).sort((one, other) => one - other));
    const busy =
      loads === ""
        ? ""
        : ` Processes that wanted to run, for each processor: ${loads}; the times grow with them.`;
    lines.push(`Dates: ${days}. With: ${facts.join("; ")}.${busy}\n`);
  }
  let number = 0;
  for (const place of Object.keys(PLACES) as Place[]) {
    const rows = faults.flatMap(({ id, on, fault, expected }) => {
      const result = on.includes(place) ? results[keyOf(place, id)] : undefined;
      return result === undefined ? [] : [{ fault, expected, ...result }];
    });
    const unseen = faults.filter(
      ({ id, on }) => on.includes(place) && results[keyOf(place, id)] === undefined,
    );
    if (rows.length + unseen.length === 0) {
      continue;
    }
    lines.push(`## ${PLACES[place]}\n`);
    if (rows.length > 0) {
      lines.push(
        "| # | fault | expected | seen | seconds | requests failed |",
        "| -: | - | - | - | -: | -: |",
      );
    }
    for (const { fault, expected, seen, seconds, requests } of rows) {
      number += 1;
      const failed = requests === undefined ? "" : `${requests.failed} of ${requests.all}`;
      lines.push(
        `| ${number} | ${cell(fault)} | ${cell(expected)} | ${cell(seen)} | ${rounded(seconds)} | ${failed} |`,
      );
    }
    if (unseen.length > 0) {
      lines.push(...(rows.length > 0 ? [""] : []), "Without a result as expected:\n");
      lines.push(...unseen.map(({ fault }) => `- ${fault}`));
    }
    lines.push("");
  }
  return lines.join("\n");
}

/** First and last of what is in order. */
const span = (sorted: readonly (string | number)[]): string =>
  [...new Set([sorted.at(0), sorted.at(-1)])].filter((one) => one !== undefined).join(" to ");

/** Figures under ten have one decimal; more would be a precision that there is not. */
export const rounded = (seconds: number): string => seconds.toFixed(seconds < 10 ? 1 : 0);

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();
