/** A notebook server of the project's own image in a bare container, with as much of a hub as it needs to start. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type Docker from "dockerode";

import { type Deployment, execa } from "../test/e2e/deployment";
import { type Times, until } from "./measure";

const prefix = "/user/alice/";
const port = "8888/tcp";

/** How the server is started: as the image does it, or as JupyterHub does, which is what a plain image has. */
export const starts = {
  image: ["jupyterhub-singleuser"],
  plain: ["python3", "-m", "jupyterhub.singleuser"],
} as const;

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

export interface BareServer {
  /** Where it answers, over plain HTTP. */
  readonly address: string;
  readonly container: Docker.Container;
}

export class SingleUserServers {
  private constructor(
    private readonly docker: Docker,
    private readonly image: string,
    private readonly hub: Server,
    private readonly signal: AbortSignal,
  ) {}

  /** With the default image, as a stack that runs has built it. */
  static async create({ docker, name }: Deployment, signal: AbortSignal): Promise<SingleUserServers> {
    const image = `${name}-notebook:current`;
    const shown = await execa("docker", ["run", "--rm", image, ...starts.image, "--version"], {
      stdin: "ignore",
    });
    const version = shown.stdout.trim();
    const hub = createServer((_, answer) => {
      answer.setHeader("X-JupyterHub-Version", version);
      answer.end(JSON.stringify({ version }));
    }).listen(0, "0.0.0.0");
    await once(hub, "listening");
    return new SingleUserServers(docker, image, hub, signal);
  }

  /** Starts a server in a container, and waits until it answers. */
  async start(command: readonly string[]): Promise<BareServer> {
    const container = await this.docker.createContainer({
      Image: this.image,
      Cmd: [...command],
      Env: environment(this.hub),
      HostConfig: {
        ExtraHosts: ["host.docker.internal:host-gateway"],
        PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
      },
    });
    try {
      await container.start();
      const { NetworkSettings } = await container.inspect();
      const address = `http://127.0.0.1:${NetworkSettings.Ports[port]?.[0]?.HostPort ?? ""}${prefix}api`;
      await until(
        () =>
          fetch(address).then(
            () => true,
            () => false,
          ),
        { signal: this.signal, seconds: 180 },
      );
      return { address, container };
    } catch (error) {
      await container.remove({ force: true });
      throw error;
    }
  }

  /** What a start takes, until the server answers; of the processors, its container's share. */
  async time(command: readonly string[]): Promise<Times> {
    const began = process.hrtime.bigint();
    const { container } = await this.start(command);
    const clock = Number(process.hrtime.bigint() - began) / 1e9;
    try {
      const { cpu_stats } = await container.stats({ stream: false, "one-shot": true });
      return { clock, processors: cpu_stats.cpu_usage.total_usage / 1e9 };
    } finally {
      await container.remove({ force: true });
    }
  }

  close(): void {
    this.hub.close();
  }
}
