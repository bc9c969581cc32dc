import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import { request } from "undici";

import { freePorts } from "./deployment";
import { until } from "./until";

/** A registry of a test's own: Debian's docker-registry on the loopback, where engines take it without TLS. */
export class Registry {
  private constructor(
    private readonly folder: string,
    /** Host and port, as the names of its images begin. */
    readonly address: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<Registry> {
    const folder = await mkdtemp(join(tmpdir(), "jupyterhub-registry-"));
    const [port = 0] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    await writeFile(
      join(folder, "config.yml"),
      JSON.stringify({
        version: 0.1,
        log: { level: "error", accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: join(folder, "images") } },
        http: { addr: address },
      }),
    );
    const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
    const registry = new Registry(folder, address, child);
    await until("the registry answers", () =>
      request(`http://${address}/v2/`).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode === 200;
        },
        () => false,
      ),
    );
    return registry;
  }

  /** Pushes an image that the engine has, and gives its name by digest. The engine keeps no name of the registry's. */
  async push(docker: Docker, image: string): Promise<string> {
    const repo = `${this.address}/notebook`;
    await docker.getImage(image).tag({ repo, tag: "pushed" });
    const pushed = docker.getImage(`${repo}:pushed`);
    // The API wants a login, and this registry none.
    const progress = await pushed.push({ authconfig: { username: "", password: "" } });
    let digest: string | undefined;
    progress.on("data", (chunk: Buffer) => {
      digest ??= /"Digest":"(sha256:[0-9a-f]{64})"/.exec(chunk.toString())?.[1];
    });
    await finished(progress);
    if (digest === undefined) {
      throw new Error(`${repo} was not pushed`);
    }
    await pushed.remove();
    return `${repo}@${digest}`;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, "exit");
      this.process.kill();
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
