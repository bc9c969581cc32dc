/** What Swarm does about a lost manager, step by step, as another manager tells it. */
import { setTimeout as sleep } from "node:timers/promises";

import type { NodeAnswer } from "../../docker-api/swarm";
import type { Machine } from "./cluster";

const SECOND = 1000;

/**
 * Swarm's own times, by the sources of moby/swarmkit (manager/state/raft: 1 s a tick, `ElectionTick` 10; manager/dispatcher:
 * `DefaultHeartBeatPeriod` 5 s ± 0.5 s, and twice three of them for nodes that a new leader has not heard of yet).
 */
export const SWARM = {
  /** An election: a manager that hears no leader for 10 to 20 s asks for votes. Two that ask at once both lose. */
  electionMs: 20 * SECOND,
  /** How long a new leader waits at most for a node before it gives the node's tasks to others. */
  graceMs: 2 * 3 * 5.5 * SECOND,
} as const;

/**
 * Times of an election until the new leader is at work: a tie of two that ask at once is one, with a chance of about one in
 * ten, and a leader that waits for the other's confirmation was seen to take nearly another.
 */
const ELECTIONS = 4;

/** What a busy machine may add to a time of Swarm's. */
const SPARE_MS = 15 * SECOND;

interface SwarmTask {
  readonly CreatedAt: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string; readonly Err?: string };
}

/** Looks again and again at the Swarm, from the moment when a manager was lost. */
export class Failover {
  readonly #begin = Date.now();
  readonly #told: string[] = [];
  #last = "";
  #leader: { readonly name: string; readonly ms: number } | undefined;
  #unknown: number | undefined;
  #down: number | undefined;
  #tasks: { readonly ms: number; readonly text: string }[] = [];

  /** @param service whose task moves. @param lost the manager's name. @param through a manager that is left */
  constructor(
    private readonly service: string,
    private readonly lost: string,
    private readonly through: Machine,
  ) {}

  /** Looks until `over`, beside what else the test asks for. */
  async watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.#look();
      await sleep(250, undefined, { signal: over }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { docker } = this.through;
    // Without a leader a manager's answer takes 20 s, and a leader may be there before.
    const abortSignal = AbortSignal.timeout(3 * SECOND);
    try {
      const [nodes, found] = (await Promise.all([
        docker.listNodes({ abortSignal }),
        docker.listTasks({ filters: JSON.stringify({ service: [this.service] }), abortSignal }),
      ])) as unknown as [NodeAnswer[], SwarmTask[]];
      const ms = Date.now() - this.#begin;
      const leader = nodes.find(({ ManagerStatus }) => ManagerStatus?.Leader === true)?.Description.Hostname;
      if (leader !== undefined && leader !== this.lost && leader !== this.#leader?.name) {
        this.#leader = { name: leader, ms };
        // What an earlier one has waited for, the next begins anew.
        this.#unknown = undefined;
      }
      const state = nodes.find(({ Description }) => Description.Hostname === this.lost)?.Status.State;
      if (state === "unknown") {
        this.#unknown ??= ms;
      }
      if (state === "down") {
        this.#down ??= ms;
      }
      this.#tasks = found
        .map(({ CreatedAt, DesiredState, Status: { State, Err = "" } }) => ({
          ms: new Date(CreatedAt).getTime() - this.#begin,
          text: `${DesiredState}/${State}${Err === "" ? "" : ` (${Err})`}`,
        }))
        .filter(({ ms: made }) => made > 0)
        .sort((a, b) => a.ms - b.ms);
      const states = nodes.map(({ Description, Status }) => `${Description.Hostname} ${Status.State}`).sort();
      this.#tell(
        ms,
        `leader ${leader ?? "none"}; ${states.join(", ")}; ` +
          this.#tasks.map((task) => `task of ${(task.ms / SECOND).toFixed(1)} ${task.text}`).join(", "),
      );
    } catch (error) {
      this.#tell(Date.now() - this.#begin, error instanceof Error ? error.message : String(error));
    }
  }

  #tell(ms: number, text: string): void {
    if (text !== this.#last) {
      this.#told.push(`\n        ${(ms / SECOND).toFixed(1)} s: ${text.slice(0, 300)}`);
      this.#last = text;
    }
  }

  /** All that changed, for the log. */
  get told(): string {
    return this.#told.join("");
  }

  /** Milliseconds until the last leader was seen. */
  get elected(): number {
    return this.#leader?.ms ?? Infinity;
  }

  /** Milliseconds until the first task was made in place of the lost one. */
  get replaced(): number {
    return this.#tasks[0]?.ms ?? Infinity;
  }

  /** What took longer than Swarm's own times allow. */
  get late(): readonly string[] {
    const [unknown = Infinity, down = Infinity] = [this.#unknown, this.#down];
    const bounds = [
      ["a leader at work", unknown, ELECTIONS * SWARM.electionMs],
      ["the lost node to be down", down - unknown, SWARM.graceMs],
      ["a new task", this.replaced - down, 0],
    ] as const;
    return bounds.flatMap(([what, ms, most]) =>
      ms <= most + SPARE_MS ? [] : [`${what}: ${ms} ms, more than ${most + SPARE_MS}`],
    );
  }
}
