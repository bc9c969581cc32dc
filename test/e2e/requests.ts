/** Requests to somebody's running server while something else happens. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { HubClient } from "./hub-client";

/** Requests at least, however short the time. */
const LEAST = 100;

/** Asks a person's server, about 20 times a second for as long as something takes: all of it has to be answered. */
export async function noneFails<T>(person: HubClient, during: () => Promise<T>): Promise<T> {
  const state = { done: false };
  const statuses: number[] = [];
  const requests = (async () => {
    while (!state.done || statuses.length < LEAST) {
      const answer = await person.api(`user/${person.user}/api/status`);
      await answer.text();
      statuses.push(answer.status);
      await sleep(50);
    }
  })();
  try {
    return await during();
  } finally {
    state.done = true;
    await requests;
    assert.ok(statuses.length >= LEAST);
    const failed = statuses.filter((status) => status !== 200);
    assert.deepEqual(failed, [], `of ${statuses.length} requests some failed`);
  }
}
