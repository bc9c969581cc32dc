/** Updates that are killed on their way: SIGKILL for all that `./up` started, or for one of its programs alone. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import type { Deployment } from "../e2e/deployment";
import { until } from "../e2e/until";
import type { Seen } from "./fault";
import { kill, type Process, processes, tree } from "./processes";
import type { Keys, World } from "./world";

/** Which processes of a run are killed. */
export const VICTIMS: Readonly<Record<string, (one: Process) => boolean>> = {
  everything: () => true,
  "./up alone": ({ command }) => command.includes("setup/main.ts"),
  "pulumi alone": ({ command }) => /\/pulumi (up|refresh)\b/.test(command),
  "the program alone": ({ command }) => command.includes("@pulumi/pulumi/cmd/run"),
  "the Docker plugin alone": ({ command }) => command.includes("pulumi-resource-docker"),
  "the command plugin alone": ({ command }) => command.includes("pulumi-resource-command"),
  "the language host alone": ({ command }) => command.includes("pulumi-language-nodejs"),
};

/** Numbers that look random, and are the same again for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Runs `./up`, and does something at the first line of it with a text. It fails where there is no such line.
 * @param what is given the process number of `./up`
 */
export async function upWith(
  { folder, stack }: Deployment,
  text: string,
  what: (pid: number) => unknown,
): Promise<{ code: number | null; errors: string }> {
  const run = spawn("./up", [stack], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const ended = once(run, "exit");
  let errors = "";
  run.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let done = false;
  for await (const line of createInterface({ input: run.stdout })) {
    if (!done && line.includes(text)) {
      done = true;
      await what(run.pid ?? 0);
    }
  }
  const [code] = (await ended) as [number | null];
  assert.ok(done, `./up never said ${text}`);
  return { code, errors: errors.trimEnd() };
}

/** A run of `./up` that somebody may kill. */
class Run {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly started = Date.now();

  constructor({ deployment }: World) {
    this.#child = spawn("./up", [deployment.stack], {
      cwd: deployment.folder,
      stdio: "ignore",
      env: { ...process.env, NO_COLOR: "1" },
    });
    this.#ended = once(this.#child, "exit");
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get processes(): Process[] {
    return tree(this.#child.pid ?? 0);
  }

  async end(): Promise<void> {
    await this.#ended;
  }
}

/** Where an update was killed. */
export interface Point {
  readonly victim: string;
  /** Milliseconds after the start of `./up`. */
  readonly after: number;
}

/**
 * Starts an update and kills its victim at a point. Where the victim alone is killed, the rest ends as it will.
 * @returns whether there was a victim: an update that is over, or has no such program yet, has none
 */
export async function killUpdate(world: World, { victim, after }: Point): Promise<boolean> {
  const run = new Run(world);
  const isVictim = VICTIMS[victim];
  assert.ok(isVictim, victim);
  await new Promise((resolve) => setTimeout(resolve, after));
  // Of a program alone, as soon as there is one.
  let found: Process[] = [];
  await until(
    `${victim} can be killed`,
    () => {
      found = run.running ? run.processes.filter(isVictim) : [];
      return found.length > 0 || !run.running;
    },
    120_000,
    10,
  );
  const others = run.processes;
  kill(found.map(({ pid }) => pid));
  await run.end();
  // Killed alone, ./up leaves a pulumi that goes on; the next ./up may meet it, and says so then.
  const left = new Set(others.map(({ pid }) => pid));
  if (victim === "./up alone") {
    const refused = await world.up(undefined, false);
    if (refused.code !== 0) {
      assert.match(refused.output, /is changing it\. Wait until it has finished/, refused.output);
    }
    await until(
      "the pulumi that ./up left has ended",
      () => !processes().some(({ pid, command }) => left.has(pid) && command.includes("/pulumi up")),
      120_000,
    );
  }
  return found.length > 0;
}

/** What must be the same after a killed update and the next `./up`: a list with a name twice has something twice. */
const lasting = (world: World): Promise<unknown> => world.deployment.objects();

/** The database is the one that alice's token is in. (The engine's time of a volume is that of its last change.) */
async function databaseIsThere(world: World): Promise<void> {
  assert.equal((await world.alice.api("hub/api/users/alice")).status, 200, "the hub's database was lost");
}

/** A kind of update, between two states of the configuration. */
export interface Kind {
  /** In docs/reliability.yaml. */
  readonly id: string;
  /** @param turn 0 or 1 */
  keys(turn: number): Keys;
}

/** Tries points of a kind of update, each from where the last one has left the stack, and says how it went. */
export async function killAt(world: World, kind: Kind, planned: readonly Planned[]): Promise<Seen> {
  // How long it takes, with all images built: once there, once back.
  await world.up(kind.keys(1));
  const start = Date.now();
  await world.up(kind.keys(0));
  const usual = Date.now() - start;
  await world.mark();
  const before = await lasting(world);
  let turn = 0;
  let slowest = 0;
  let killed = 0;
  const tried = planned.map(({ victim, part }): Point => ({ victim, after: Math.round(part * usual) }));
  for (const point of tried) {
    turn = 1 - turn;
    const at = `${point.victim} killed after ${(point.after / 1000).toFixed(1)} s of about ${(usual / 1000).toFixed(1)}`;
    console.log(`      ${at}`);
    try {
      await world.configure(kind.keys(turn));
      killed += (await killUpdate(world, point)) ? 1 : 0;
      const next = Date.now();
      await world.up();
      slowest = Math.max(slowest, (Date.now() - next) / 1000);
      assert.deepEqual(await lasting(world), before);
      await databaseIsThere(world);
      await world.reconnect();
      await world.assertAliceWorksOn();
    } catch (error) {
      throw new Error(`${at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  assert.ok(killed > 0, "nothing was killed");
  await world.deployment.up(["--expect-no-changes"]);
  return {
    seen: `${tried.length} of ${tried.length} updates (${killed} while they ran) were completed by the next ./up.`,
    seconds: slowest,
  };
}

/** A point before it is known how long the update takes: `part` of it, from 0 to 1. */
export interface Planned {
  readonly victim: string;
  readonly part: number;
}

/** Points all over an update, each with another victim until all have been one. */
export function somewhere(next: () => number, count: number): Planned[] {
  const victims = Object.keys(VICTIMS)
    .map((victim) => ({ victim, order: next() }))
    .sort((a, b) => a.order - b.order);
  return Array.from({ length: count }, (_, at) => ({
    // Everything every other time: that is a machine that loses power, or a terminal that is closed.
    victim: at % 2 === 0 ? "everything" : (victims[((at - 1) / 2) % victims.length]?.victim ?? "everything"),
    part: next(),
  }));
}
