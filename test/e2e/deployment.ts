import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Docker from "dockerode";
import type { execa as Execa } from "execa";
import { stringify } from "yaml";

import { STACK_LABEL } from "../../docker-api/naming";
import type { OutputValues } from "../../stacks/outputs";

/** execa is an ES module only: it is imported when it is first used. */
export const execa: typeof Execa = (async (...args: Parameters<typeof Execa>) =>
  (await import("execa")).execa(...args)) as unknown as typeof Execa;

const repository = join(__dirname, "..", "..");

/** What a command printed, both streams in one, and how it ended. */
export interface Answer {
  readonly output: string;
  readonly stdout: string;
  readonly code: number;
}

/** Below the ports that systems give to outgoing connections and to servers that name none: those come and go. */
const PORTS = { from: 20_000, to: 32_000 };

/** TCP ports that nothing listens on just now, and that nobody is given by chance until they are used. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => {
        resolve(false);
      });
      server.listen(port, "127.0.0.1", () => {
        resolve(true);
      });
    });
    if (!free) {
      continue;
    }
    await new Promise((resolve) => server.close(resolve));
    found.add(port);
  }
  return [...found];
}

/** Files of the working tree that git knows or would add. */
async function treeFiles(): Promise<string[]> {
  const { stdout } = await execa("git", ["ls-files", "-coz", "--exclude-standard"], { cwd: repository });
  return stdout.split("\0").filter((file) => file !== "");
}

/**
 * A copy of the project in a folder of its own with a stack of its own, as a new user has it, and all that it makes on
 * the Docker host. Names and ports are unique, so that runs do not meet.
 */
export class Deployment {
  readonly docker: Docker;

  private constructor(
    readonly folder: string,
    readonly stack: string,
    readonly name: string,
    readonly ports: { readonly https: number; readonly http: number },
    private readonly hardened: boolean,
    private readonly engine: OtherEngine | undefined,
  ) {
    this.docker = engine?.docker ?? new Docker();
  }

  /**
   * @param config keys of the stack, without `jupyterhub:`, on top of a small default
   * @param options.installed with the npm packages of this working tree, so that `./up` need not install them
   * @param options.hardened as on a hardened server: cloned with a umask of 077, in a folder with a blank and an umlaut
   * @param options.engine another engine than this machine's
   */
  static async create(
    config: Record<string, unknown> = {},
    { installed = false, hardened = false, engine }: CreateOptions = {},
  ): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), hardened ? "jupyterhub e2e für-" : "jupyterhub-e2e-"));
    for (const file of await treeFiles()) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await cp(join(repository, file), join(folder, file), { verbatimSymlinks: true }).catch(
        (error: unknown) => {
          // Deleted in the working tree and not committed yet.
          if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            throw error;
          }
        },
      );
    }
    if (hardened) {
      await execa("chmod", ["-R", "go=", folder]);
    }
    if (installed) {
      await execa("cp", ["-al", join(repository, "node_modules"), folder]);
    }
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: folder });
    await git("init", "-q");
    const id = randomBytes(3).toString("hex");
    const [https = 0, http = 0] = await freePorts(2);
    const deployment = new Deployment(folder, `e2e-${id}`, `jh-e2e-${id}`, { https, http }, hardened, engine);
    await deployment.configure(config);
    await git("add", "-A");
    await git("commit", "-qm", "as cloned");
    return deployment;
  }

  /** Address of the hub, with a slash at its end. */
  get url(): string {
    return `https://${this.engine?.address ?? "localhost"}:${this.ports.https}/`;
  }

  /** Writes the stack's configuration anew. */
  async configure(config: Record<string, unknown>): Promise<void> {
    const keys: Record<string, unknown> = {
      domain: "localhost",
      name: this.name,
      ports: { ...this.ports, address: "127.0.0.1" },
      auth: { kind: "shared-password", users: ["alice", "bob"], admins: ["admin"] },
      notebook: { limits: { memory: "512m" } },
      ...(this.engine && { domain: this.engine.address, docker: this.engine.config, ports: this.ports }),
      ...config,
    };
    await writeFile(
      this.stackFile,
      stringify({
        config: Object.fromEntries(
          Object.entries(keys)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [`jupyterhub:${key}`, value]),
        ),
      }),
    );
  }

  get stackFile(): string {
    return join(this.folder, `Pulumi.${this.stack}.yaml`);
  }

  /** Runs `./up` for the stack; `options.ok: false` takes a failure too. */
  up(args: readonly string[] = [], options: RunOptions = {}): Promise<Answer> {
    return this.run("./up", [this.stack, ...args], options);
  }

  /** Runs `./hub` for the stack. */
  hub(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
    return this.run("./hub", [...args, "--stack", this.stack], options);
  }

  /** Runs a plain `pulumi` command for the stack, in the environment that `./up --env` prints. */
  pulumi(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
    return this.run(
      "bash",
      ["-c", 'eval "$(./up --env)" && exec pulumi "$@"', "pulumi", ...args, "--stack", this.stack],
      options,
    );
  }

  /** A stack output; secrets too. */
  async output<Name extends keyof OutputValues>(name: Name): Promise<NonNullable<OutputValues[Name]>> {
    const { stdout } = await this.pulumi(["stack", "output", name, "--json", "--show-secrets"]);
    return JSON.parse(stdout) as NonNullable<OutputValues[Name]>;
  }

  /** Runs a command in the project's folder and fails the test when it fails. */
  async run(
    command: string,
    args: readonly string[],
    { ok = true, environment = {}, timeoutMs = 900_000 }: RunOptions = {},
  ): Promise<Answer> {
    const [program, ...rest]: [string, ...string[]] = this.hardened
      ? ["sh", "-c", 'umask 077 && exec "$@"', "sh", command, ...args]
      : [command, ...args];
    const ended = await execa(program, rest, {
      cwd: this.folder,
      env: { NO_COLOR: "1", ...environment },
      all: true,
      reject: false,
      timeout: timeoutMs,
      stdin: "ignore",
    });
    const answer = { output: ended.all, stdout: ended.stdout, code: ended.exitCode ?? -1 };
    assert.ok(
      !ok || answer.code === 0,
      `${command} ${args.join(" ")} ended with ${answer.code}:\n${answer.output}`,
    );
    return answer;
  }

  /** Containers, networks and volumes of the stack, and what the hub made for it, by name. */
  async objects(): Promise<{ containers: string[]; networks: string[]; volumes: string[] }> {
    const filters = { label: [`${STACK_LABEL}=${this.name}`] };
    const [containers, networks, { Volumes }] = await Promise.all([
      this.docker.listContainers({ all: true, filters }),
      this.docker.listNetworks({ filters }),
      this.docker.listVolumes({ filters: JSON.stringify(filters) as never }),
    ]);
    return {
      containers: containers.map(({ Names }) => (Names[0] ?? "").slice(1)).sort(),
      networks: networks.map(({ Name }) => Name).sort(),
      volumes: Volumes.map(({ Name }) => Name).sort(),
    };
  }

  /** Containers that are or were a hub: its own, and what its trial and the way back to the last good one have left. */
  async hubContainers(): Promise<string[]> {
    const own = new RegExp(`^${this.name}-hub(-(trial|spare).*)?$`);
    return (await this.objects()).containers.filter((name) => own.test(name));
  }

  /** Id of a container of the stack, by its role. */
  async containerId(role: string): Promise<string> {
    return (await this.docker.getContainer(`${this.name}-${role}`).inspect()).Id;
  }

  /** Files that git sees as changed or new. */
  async changedFiles(): Promise<string> {
    return (await execa("git", ["status", "--porcelain"], { cwd: this.folder })).stdout;
  }

  /** The certificate authority that the stack made for itself, in PEM. */
  async caCertificate(): Promise<string> {
    return await this.output("caCertificate");
  }

  /** Keeps what the containers said, for whoever looks at a failure. */
  async keepLogs(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const name of (await this.objects()).containers) {
      const log = await this.docker.getContainer(name).logs({ stdout: true, stderr: true });
      await writeFile(join(folder, `${name}.log`), log);
    }
  }

  /** Removes all that the deployment made, by its label, whatever state it is in. */
  async remove(): Promise<void> {
    await this.removeObjects();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The same of the Docker host alone. */
  async removeObjects(): Promise<void> {
    const { containers, networks, volumes } = await this.objects();
    // The firewall goes last, and is told to: killed, it would leave its rules on the host.
    const firewall = containers.filter((name) => name === `${this.name}-firewall`);
    for (const name of [...containers.filter((one) => !firewall.includes(one)), ...firewall]) {
      const container = this.docker.getContainer(name);
      if (firewall.includes(name)) {
        await container.stop().catch(() => undefined);
      }
      await container.remove({ force: true, v: true });
    }
    for (const name of networks) {
      await this.docker.getNetwork(name).remove();
    }
    for (const name of volumes) {
      await this.docker.getVolume(name).remove({ force: true });
    }
    const images = await this.docker.listImages();
    for (const tag of images.flatMap(({ RepoTags }) => RepoTags ?? [])) {
      if (!tag.startsWith(`${this.name}-`)) {
        continue;
      }
      await this.docker
        .getImage(tag)
        .remove({ force: true })
        .catch(() => undefined);
    }
  }

  /** Text of a file of the project's copy. */
  read(file: string): Promise<string> {
    return readFile(join(this.folder, file), "utf8");
  }
}

/** An engine of a test's own. */
export interface OtherEngine {
  readonly docker: Docker;
  /** Where its ports are published. */
  readonly address: string;
  /** `docker` in the configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface CreateOptions {
  readonly installed?: boolean;
  readonly hardened?: boolean;
  readonly engine?: OtherEngine;
}

export interface RunOptions {
  /** False: a failure is an answer too. */
  readonly ok?: boolean;
  readonly environment?: Record<string, string>;
  /** @default 900000 */
  readonly timeoutMs?: number;
}
