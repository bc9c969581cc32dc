/**
 * Processor time that must not grow unseen. Ratios to a peer in the same run, with room for a busy machine; what is wanted,
 * and more exact figures, are in docs/performance.md.
 */
import assert from "node:assert/strict";

import { idleShare } from "../../bench/benchmarks/idle";
import { previews } from "../../bench/benchmarks/preview";
import { type Pairs, pairs, pick, type Times } from "../../bench/measure";
import { SingleUserServers, starts } from "../../bench/single-user";
import { median } from "../../bench/statistics";
import type { Deployment } from "./deployment";

const RUNS = 3;
/** Milliseconds. */
const WINDOW = 10_000;

const never = new AbortController().signal;

function assertRatio(what: string, taken: Pairs<Times>, most: number): void {
  const { ours, peer } = pick(taken, ({ processors }) => processors);
  const ratio = median(ours) / median(peer);
  assert.ok(
    ratio <= most,
    `${what}: ${ratio.toFixed(2)} times the processor time of the peer, expected at most ${most}: ` +
      `${ours.join(", ")} against ${peer.join(", ")} s`,
  );
}

/** A preview without changes, against a Pulumi program that makes nothing. */
export async function assertPreviewIsCheap(deployment: Deployment, most: number): Promise<void> {
  const { ours, empty, remove } = await previews(deployment);
  try {
    assertRatio("a preview", await pairs(RUNS, never, ours, empty), most);
  } finally {
    await remove();
  }
}

/** A server of the default image, against JupyterHub's own start in it. */
export async function assertServersStartFast(deployment: Deployment, most: number): Promise<void> {
  const servers = await SingleUserServers.create(deployment, never);
  try {
    const taken = await pairs(
      RUNS,
      never,
      () => servers.time(starts.image),
      () => servers.time(starts.plain),
    );
    assertRatio("the start of a notebook server", taken, most);
  } finally {
    servers.close();
  }
}

/** A running stack and the engine, of which other stacks take a share, too: hence the quietest of some windows. */
export async function assertIdleIsCheap(deployment: Deployment, mostPercent: number): Promise<void> {
  const shares: number[] = [];
  do {
    shares.push(100 * (await idleShare(deployment, WINDOW)));
  } while (shares.length < RUNS && Math.min(...shares) > mostPercent);
  assert.ok(
    Math.min(...shares) <= mostPercent,
    `idle, it takes ${shares.map((share) => share.toFixed(1)).join(", ")} % of a core, expected at most ${mostPercent} %`,
  );
}
