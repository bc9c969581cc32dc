/** One setting changed while people work: how long it takes, and what they notice. */
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";

import { type Benchmark, configuration, type Context } from "../context";
import { seconds } from "../measure";

/** Milliseconds between two requests. */
const EVERY = 50;
/** Milliseconds after which a request that is not answered has failed. */
const PATIENCE = 5000;

interface Watched {
  /** Seconds in all for which it was away, from the first failed request until the next that was answered. */
  readonly gone: number;
  readonly failed: number;
}

/** Asks for a page all the while that some work takes. */
async function watch(
  address: string,
  headers: Record<string, string>,
  ca: string,
  work: Promise<unknown>,
): Promise<Watched> {
  const dispatcher = new Agent({ connect: { ca }, headersTimeout: PATIENCE });
  let [gone, failed, running] = [0, 0, true];
  let since: number | undefined;
  void work.finally(() => (running = false)).catch(() => undefined);
  // Until it is there again, however the work ended.
  while (running || since !== undefined) {
    const start = performance.now();
    const there = await request(address, { dispatcher, headers }).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode === 200;
      },
      () => false,
    );
    if (there) {
      gone += since === undefined ? 0 : (performance.now() - since) / 1000;
      since = undefined;
    } else {
      failed += 1;
      since ??= start;
    }
    await sleep(EVERY);
  }
  await dispatcher.close();
  return { gone, failed };
}

async function run(context: Context): Promise<void> {
  const { deployment, login } = await context.stack();
  const alice = await login("alice");
  await alice.startServer();
  const kinds = {
    people: (run: number) => ({ hub: { announcement: { all: `Number ${run}` } } }),
    hub: (run: number) => ({ hub: { logLevel: run % 2 === 0 ? "DEBUG" : "INFO" } }),
  };
  try {
    for (const [kind, keys] of Object.entries(kinds)) {
      const taken = { up: [] as number[], gone: [] as number[], failed: [] as number[] };
      for (let run = 0; run < context.runs; run += 1) {
        context.signal.throwIfAborted();
        await deployment.configure({ ...configuration, ...keys(run) });
        const up = seconds(() => deployment.up());
        const headers = { authorization: `token ${alice.token}` };
        const [time, page, server] = await Promise.all([
          up,
          watch(new URL("hub/login", alice.url).href, {}, alice.ca, up),
          watch(new URL("user/alice/api/status", alice.url).href, headers, alice.ca, up),
        ]);
        taken.up.push(time);
        taken.gone.push(page.gone);
        taken.failed.push(server.failed);
      }
      for (const [name, values] of Object.entries(taken)) {
        await context.record(`${kind}-setting-${name}`, { ours: values });
      }
    }
  } finally {
    await deployment.configure(configuration);
    await deployment.up();
    await alice.stopServer();
  }
}

export default { about: "one setting changed while people work", run } satisfies Benchmark;
