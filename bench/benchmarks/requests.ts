/** Requests to a notebook server through Traefik with TLS, against the same server without anything before it. */
import { Agent, request } from "undici";

import type { Benchmark, Context } from "../context";
import { pairs, pick } from "../measure";
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

async function load(address: string, headers: Record<string, string>, ca: string | undefined): Promise<Load> {
  const dispatcher = new Agent({ connections: CLIENTS, ...(ca !== undefined && { connect: { ca } }) });
  const times: number[] = [];
  const began = performance.now();
  const client = async () => {
    while (performance.now() - began < DURATION) {
      const start = performance.now();
      const answer = await request(address, { dispatcher, headers });
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
  const { deployment, login } = await context.stack();
  const alice = await login("alice");
  await alice.startServer();
  try {
    const containers = await deployment.docker.listContainers({
      filters: { name: [`${deployment.name}-user-alice`] },
    });
    const [network] = Object.values(containers[0]?.NetworkSettings.Networks ?? {});
    if (network === undefined) {
      throw new Error("alice's server has no network");
    }
    const headers = { authorization: `token ${alice.token}` };
    const path = "user/alice/api/status";
    const taken = await pairs(
      context.runs,
      context.signal,
      () => load(new URL(path, alice.url).href, headers, alice.ca),
      () => load(`http://${network.IPAddress}:8888/${path}`, headers, undefined),
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
