/**
 * A fault is a test that writes down what it has seen. What it is and what is expected stand in docs/reliability.yaml.
 * `FAULTS=gate` runs those of `npm test` only; `RECORD_FAULTS=1` keeps what was seen for docs/reliability.md.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";

import {
  type Fault,
  keyOf,
  parseFaults,
  type Place,
  type Result,
  type Results,
  rounded,
} from "../../docs/reliability";
import type { World } from "./world";

const ROOT = join(__dirname, "..", "..");
const RESULTS = join(__dirname, "results.json");
const onlyGate = process.env["FAULTS"] === "gate";
const faults = new Map(
  parseFaults(readFileSync(join(ROOT, "docs", "reliability.yaml"), "utf8")).map((one) => [one.id, one]),
);

/** Processes that want to run for each processor, at least 1: what else runs here makes everything as much slower. */
export const busyness = (): number => Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());

/** What a fault's test has seen, in words, and how long it took until all was well. */
export interface Seen {
  readonly seen: string;
  readonly seconds: number;
}

/** What is said of a fault in docs/reliability.yaml. */
function known(place: Place, id: string): Fault {
  const found = faults.get(id);
  if (!found?.on.includes(place)) {
    throw new Error(`docs/reliability.yaml: expected ${id} on ${place}`);
  }
  return found;
}

type Witnessed = Seen & Pick<Result, "requests">;

/**
 * Begins to look at a fault that docs/reliability.yaml knows. What it returns writes down what was seen: a fault that does
 * not come so far has no row any more.
 */
export function witness(place: Place, id: string): (witnessed: Witnessed) => Promise<void> {
  known(place, id);
  record(keyOf(place, id), undefined);
  return async ({ seen, seconds, requests }) => {
    console.log(`      ${seen} (${rounded(seconds)} s)`);
    record(keyOf(place, id), { seen, seconds: Number(rounded(seconds)), requests, ...(await facts()) });
  };
}

/** Causes a fault; where this run leaves it out, there is no test. */
export function fault(place: Place, id: string, body: () => Promise<Witnessed>): void {
  const { fault, expected, gate } = known(place, id);
  if (!onlyGate || gate === true) {
    it(`${fault}: ${expected}`, async () => {
      const saw = witness(place, id);
      await saw(await body());
    });
  }
}

/** How alice's work has to come through a fault. */
export interface Work {
  /** Her WebSocket holds: false where what it goes through is gone for a moment. */
  readonly holds: boolean;
  /** What the kernel prints is lost for longer: nothing tells its server that the connection is cut. */
  readonly loses?: boolean;
}

/** A fault while alice is at work: she must not lose anything. */
export function faultAtWork(
  place: Place,
  id: string,
  world: () => World,
  body: (world: World) => Promise<Seen>,
  { holds, loses = false }: Work = { holds: true },
): void {
  fault(place, id, async () => {
    const one = world();
    await one.mark();
    try {
      const { seen, seconds } = await body(one);
      await one.assertAliceWorksOn(loses);
      const { failed, requests: all } = one.toServer.since();
      const { numbers, missing, gap, moved } = one.counter.since();
      const { reconnects } = one;
      if (holds) {
        assert.equal(reconnects, 0, "alice's WebSocket was lost");
      }
      const socket = reconnects === 0 ? "" : `; her WebSocket was opened again ${times(reconnects)}`;
      const lost = moved
        ? "over a new connection at the end"
        : missing === 0
          ? "none lost"
          : `${missing} lost with the connection that was cut`;
      const kernel = `Alice's kernel printed ${numbers} numbers, ${lost}, longest gap ${gap.toFixed(1)} s${socket}.`;
      return { seen: `${seen} ${kernel}`, seconds, requests: { all, failed } };
    } catch (error) {
      // Mocha tells it at the end of the run, which is long.
      console.log(`      ${String(error)}`);
      await one.heal().catch((problem: unknown) => {
        console.log(`      not healed: ${String(problem)}`);
      });
      throw error;
    }
  });
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

async function facts(): Promise<Pick<Result, "date" | "engine" | "plugins" | "load">> {
  const { Version } = await new Docker().version();
  return {
    date: new Date().toISOString().slice(0, 10),
    engine: `Docker Engine ${Version}`,
    load: Number(busyness().toFixed(1)),
    plugins: process.env["PULUMI_HOME"] === undefined ? "stand-in plugins" : "Pulumi's own plugins",
  };
}

/** Of a run of some faults, the others stay as they were seen last. */
function record(key: string, result: Result | undefined): void {
  if (!process.env["RECORD_FAULTS"]) {
    return;
  }
  const before = JSON.parse(readFileSync(RESULTS, "utf8")) as Results;
  const all = Object.entries({ ...before, [key]: result }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(RESULTS, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
