/**
 * `npm run bench:notebook`: what the start of a notebook server takes, in the project's own image.
 *
 * Against the same image with JupyterHub's own start, which is what a plain image of the same versions does: the
 * processor time of the container (cgroup), and the time until the server answers. Prints one line each and fails when
 * a bound is broken. RUNS sets the counted pairs (default 5).
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

import { execa } from "../test/e2e/deployment";
import { end, line } from "./measure";

const runs = Number(process.env["RUNS"] ?? 5);
const image = "jupyterhub-bench-notebook";
const prefix = "/user/alice/";
const port = "8888/tcp";
/** Milliseconds. */
const LONGEST = 60_000;
/** Milliseconds between two looks. */
const INTERVAL = 20;

const sides = { a: ["jupyterhub-singleuser"], b: ["python3", "-m", "jupyterhub.singleuser"] } as const;
type Measured = Record<keyof typeof sides, number[]>;

/** As much of a hub as a server needs to start: who it is, and a place to report to. */
async function startHub(version: string): Promise<Server> {
  const hub = createServer((_, answer) => {
    answer.setHeader("X-JupyterHub-Version", version);
    answer.end(JSON.stringify({ version }));
  }).listen(0, "0.0.0.0");
  await once(hub, "listening");
  return hub;
}

const environment = (hub: Server): string[] => [
  `JUPYTERHUB_API_URL=http://host.docker.internal:${(hub.address() as AddressInfo).port}/hub/api`,
  "JUPYTERHUB_API_TOKEN=none",
  "JUPYTERHUB_CLIENT_ID=jupyterhub-user-alice",
  "JUPYTERHUB_USER=alice",
  `JUPYTERHUB_SERVICE_PREFIX=${prefix}`,
  `JUPYTERHUB_SERVICE_URL=http://0.0.0.0:8888${prefix}`,
  `JUPYTERHUB_OAUTH_CALLBACK_URL=${prefix}oauth_callback`,
  'JUPYTERHUB_OAUTH_SCOPES=["access:servers!server=alice/"]',
  'JUPYTERHUB_OAUTH_ACCESS_SCOPES=["access:servers!server=alice/"]',
];

async function answers(address: string): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST);
  for (;;) {
    const answered = await fetch(`${address}${prefix}api`, { signal }).then(
      () => true,
      () => false,
    );
    if (answered) {
      return;
    }
    signal.throwIfAborted();
    await sleep(INTERVAL);
  }
}

/** Starts a server, and gives seconds: of the processors and of the clock until it answers. */
async function start(docker: Docker, hub: Server, command: readonly string[]) {
  const began = process.hrtime.bigint();
  const container = await docker.createContainer({
    Image: image,
    Cmd: [...command],
    Env: environment(hub),
    HostConfig: {
      ExtraHosts: ["host.docker.internal:host-gateway"],
      PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
  try {
    await container.start();
    const { NetworkSettings } = await container.inspect();
    await answers(`http://127.0.0.1:${NetworkSettings.Ports[port]?.[0]?.HostPort ?? ""}`);
    const clock = Number(process.hrtime.bigint() - began) / 1e9;
    const { cpu_stats } = await container.stats({ stream: false, "one-shot": true });
    return { clock, processors: cpu_stats.cpu_usage.total_usage / 1e9 };
  } finally {
    await container.remove({ force: true });
  }
}

async function main(): Promise<boolean> {
  const docker = new Docker();
  const context = join(__dirname, "..", "images", "notebook");
  await execa("docker", ["build", "--quiet", "--tag", image, context], { stdin: "ignore" });
  const shown = await execa("docker", ["run", "--rm", image, ...sides.a, "--version"], { stdin: "ignore" });
  const hub = await startHub(shown.stdout.trim());
  const processors: Measured = { a: [], b: [] };
  const clock: Measured = { a: [], b: [] };
  try {
    // The first pair warms caches and is not counted.
    for (let run = 0; run <= runs; run += 1) {
      for (const side of ["a", "b"] as const) {
        const taken = await start(docker, hub, sides[side]);
        if (run > 0) {
          processors[side].push(taken.processors);
          clock[side].push(taken.clock);
        }
      }
    }
  } finally {
    hub.close();
    await docker.getImage(image).remove({ force: true });
  }
  const lines = [
    line("processor time until a server answers, against JupyterHub's own start", processors, { ratio: 0.5 }),
    line("time until a server answers, against JupyterHub's own start", clock, { ratio: 0.75 }),
  ];
  for (const { text } of lines) {
    console.log(text);
  }
  return lines.every(({ kept }) => kept);
}

end(main());
