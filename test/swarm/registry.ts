/** A registry with TLS and a login: Debian's docker-registry, as a process on the cluster's bridge. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "bcryptjs";
import { Agent, fetch } from "undici";

import type { Authority } from "./authority";
import { debianProgram } from "./debian";
import { until } from "./shell";

export class Registry {
  readonly user = "jupyterhub";
  readonly password = randomBytes(8).toString("hex");
  #process: ReturnType<typeof spawn> | undefined;

  private constructor(
    readonly folder: string,
    readonly address: string,
    /** Its authority's certificate in PEM. */
    readonly ca: string,
  ) {}

  static async start(folder: string, host: string, authority: Authority): Promise<Registry> {
    await mkdir(folder, { recursive: true });
    const at = (name: string): string => join(folder, name);
    const { certificate, key } = await authority.issue("registry", [host]);
    const registry = new Registry(folder, `${host}:5000`, authority.certificate);
    await writeFile(at("htpasswd"), `${registry.user}:${await hash(registry.password, 4)}\n`);
    await writeFile(
      at("config.yml"),
      JSON.stringify({
        version: 0.1,
        log: { level: "warn", accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: at("images") }, delete: { enabled: true } },
        http: { addr: registry.address, tls: { certificate, key } },
        auth: { htpasswd: { realm: "test", path: at("htpasswd") } },
      }),
    );
    await registry.start();
    return registry;
  }

  /** Starts it, or starts it again with what is in it. */
  async start(): Promise<void> {
    const program = await debianProgram("docker-registry", join("usr", "bin", "docker-registry"));
    const log = openSync(join(this.folder, "registry.log"), "a");
    // It ends with this process, however that ends.
    this.#process = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", program, "serve", join(this.folder, "config.yml")],
      {
        stdio: ["ignore", log, log],
      },
    );
    await until("the registry answers", 15_000, async () => {
      const dispatcher = new Agent({ connect: { ca: this.ca } });
      const { status } = await fetch(`https://${this.address}/v2/`, { dispatcher });
      await dispatcher.close();
      return status === 401;
    });
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }
}
