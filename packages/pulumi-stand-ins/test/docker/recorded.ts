/** The recorded calls of the real docker plugin 5.2.0, in the form in which a resource gets them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type Props, UNKNOWN } from "../../lib/serve";

export interface Recorded {
  readonly step: string;
  readonly method: "Check" | "Diff" | "Create" | "Read" | "Update" | "Delete";
  readonly request: Props & { urn: string; type: string };
  readonly response: Props;
}

const UNKNOWN_ON_THE_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function recorded(program: "single-host" | "swarm"): Recorded[] {
  const file = join(__dirname, "../recorded", `docker-${program}.jsonl`);
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => fromWire(JSON.parse(line)) as Recorded);
}

function fromWire(value: unknown): unknown {
  if (value === UNKNOWN_ON_THE_WIRE) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(fromWire);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromWire(inner)]));
  }
  return value;
}
