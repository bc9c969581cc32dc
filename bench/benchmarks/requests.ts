/** Requests to a notebook server through Traefik with TLS, against a server of the same image in a bare container. */
import { Agent, request } from "undici";

import type { Benchmark, Context } from "../context";
import { pairs, pick } from "../measure";
import { SingleUserServers, starts } from "../single-user";
import { median } from "../statistics";

/** People who ask at the same time, each again when the answer is there. */
const CLIENTS = 20;
/** Milliseconds. */
const DURATION = 4000;

interface Load {
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds of the request in the middle. */
  readonly middle: number;
}

async function load(address: string, ca: string | undefined): Promise<Load> {
  const dispatcher = new Agent({ connections: CLIENTS, ...(ca !== undefined && { connect: { ca } }) });
  const times: number[] = [];
  const began = performance.now();
  const client = async () => {
    while (performance.now() - began < DURATION) {
      const start = performance.now();
      const answer = await request(address, { dispatcher });
      await answer.body.dump();
      if (answer.statusCode !== 200) {
        throw new Error(`${address} answered ${answer.statusCode}`);
      }
      times.push(performance.now() - start);
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, client));
    return { rate: times.length / ((performance.now() - began) / 1000), middle: median(times) };
  } finally {
    await dispatcher.close();
  }
}

async function run(context: Context): Promise<void> {
  const { runs, signal } = context;
  const stack = await context.stack();
  const servers = await SingleUserServers.create(stack.deployment, signal);
  context.later(() => {
    servers.close();
  });
  const { address, container } = await servers.start(starts.image);
  context.later(() => container.remove({ force: true }));
  const alice = await stack.login("alice");
  await alice.startServer();
  try {
    // What a server tells everybody: neither side asks who that is.
    const taken = await pairs(
      runs,
      signal,
      () => load(new URL("user/alice/api", alice.url).href, alice.ca),
      () => load(address, undefined),
    );
    await context.record(
      "requests-rate",
      pick(taken, ({ rate }) => rate),
    );
    await context.record(
      "requests-middle",
      pick(taken, ({ middle }) => middle),
    );
  } finally {
    await alice.stopServer();
  }
}

export default { about: "requests to a notebook server through Traefik and TLS", run } satisfies Benchmark;
