/** An engine with containers in memory, as far as the programs for the hub use one. */
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { pack } from "tar-stream";

/** How a container ends, or that it runs on. */
export interface Behaviour {
  /** State after its start. @default healthy */
  readonly starts?: Record<string, unknown>;
  /** What it prints on standard output. */
  readonly says?: string;
  /** Its start fails with this. */
  readonly refuses?: string;
}

export interface FakeContainer {
  Id: string;
  Name: string;
  Image: string;
  Created: string;
  RestartCount: number;
  Config: { Labels: Record<string, string>; Cmd: string[]; Env: string[]; Hostname: string };
  HostConfig: Record<string, unknown>;
  State: Record<string, unknown>;
  Mounts: { Destination: string; Name?: string; Source: string }[];
  NetworkSettings: { Networks: Record<string, { IPAMConfig: object | null; Aliases: string[] | null }> };
  files: string[];
  /** Texts of files by their paths: what is read of them is an archive. */
  texts?: Record<string, string>;
}

const failure = (statusCode: number) => Object.assign(new Error(`status ${statusCode}`), { statusCode });

export class FakeEngine {
  readonly containers: FakeContainer[] = [];
  /** What was done, in order. */
  readonly done: string[] = [];
  #made = 0;

  /** @param behaviour how a container goes, by its name and command */
  constructor(private readonly behaviour: (one: FakeContainer) => Behaviour = () => ({})) {}

  get docker(): Docker {
    return this as unknown as Docker;
  }

  /** A container that is there. */
  add(name: string, more: Partial<FakeContainer> = {}): FakeContainer {
    this.#made += 1;
    const made: FakeContainer = {
      Id: `${this.#made}`.padStart(64, "0"),
      Name: `/${name}`,
      Image: "sha256:old",
      Created: "2026-01-02T03:04:05.123456789Z",
      RestartCount: 0,
      Config: { Labels: {}, Cmd: ["jupyterhub-on-docker", "hub"], Env: [], Hostname: "own" },
      HostConfig: { Memory: 2 ** 31, NetworkMode: "bridge" },
      State: { Running: true, Status: "running", Health: { Status: "healthy" } },
      Mounts: [{ Destination: "/srv/jupyterhub", Name: "x-hub-data", Source: "/var/lib/x" }],
      NetworkSettings: {
        Networks: { "x-notebooks": { IPAMConfig: { IPv4Address: "10.0.0.2" }, Aliases: ["hub"] } },
      },
      files: ["/etc/jupyterhub", "/run/secrets"],
      ...more,
    };
    this.containers.push(made);
    return made;
  }

  find(name: string): FakeContainer | undefined {
    return this.containers.find(({ Id, Name }) => Id === name || Name === `/${name}`);
  }

  get names(): string[] {
    return this.containers.map(({ Name }) => Name.slice(1)).sort();
  }

  createContainer({ name, Image, Labels, HostConfig, Cmd, Env }: Record<string, unknown>) {
    if (this.find(name as string) !== undefined) {
      return Promise.reject(failure(409));
    }
    const made = this.add(name as string, {
      Image: Image as string,
      HostConfig: HostConfig as Record<string, unknown>,
      State: { Running: false, Status: "created" },
      NetworkSettings: { Networks: {} },
      files: [],
    });
    made.Config = {
      Labels: Labels as Record<string, string>,
      Cmd: Cmd as string[],
      Env: (Env as string[] | undefined) ?? [],
      Hostname: made.Id.slice(0, 12),
    };
    this.done.push(`create ${name as string}`);
    return Promise.resolve(this.getContainer(made.Id));
  }

  getContainer(name: string) {
    const found = () => {
      const one = this.find(name);
      if (one === undefined) {
        throw failure(404);
      }
      return one;
    };
    const doing = <T>(action: (one: FakeContainer) => T) =>
      new Promise<T>((resolve) => {
        resolve(action(found()));
      });
    return {
      id: name,
      inspect: () => doing((one) => structuredClone(one)),
      start: () =>
        doing((one) => {
          const { refuses, starts } = this.behaviour(one);
          if (refuses !== undefined) {
            throw new Error(refuses);
          }
          one.State = starts ?? { Running: true, Status: "running", Health: { Status: "healthy" } };
          this.done.push(`start ${one.Name.slice(1)}`);
        }),
      stop: () =>
        doing((one) => {
          this.done.push(`stop ${one.Name.slice(1)}`);
        }),
      kill: () => doing(() => undefined),
      rename: ({ name: to }: { name: string }) =>
        doing((one) => {
          this.done.push(`rename ${one.Name.slice(1)} ${to}`);
          one.Name = `/${to}`;
        }),
      remove: () =>
        doing((one) => {
          this.containers.splice(this.containers.indexOf(one), 1);
          this.done.push(`remove ${one.Name.slice(1)}`);
        }),
      wait: ({ condition }: { condition: string }) =>
        condition === "removed"
          ? Promise.reject(failure(404))
          : doing((one) => ({ StatusCode: Number(this.behaviour(one).starts?.["ExitCode"] ?? 0) })),
      logs: ({ stdout }: { stdout: boolean }) =>
        doing((one) => {
          const text = Buffer.from(stdout ? (this.behaviour(one).says ?? "") : "");
          const head = Buffer.alloc(8);
          head.writeUInt32BE(text.length, 4);
          return Buffer.concat([head, text]);
        }),
      getArchive: ({ path }: { path: string }) =>
        doing((one) => {
          const texts = Object.entries(one.texts ?? {}).filter(([name]) => name.startsWith(path));
          if (texts.length > 0) {
            const archive = pack();
            texts.forEach(([name, text]) => archive.entry({ name: name.slice(1) }, text));
            archive.finalize();
            return archive;
          }
          if (one.texts !== undefined || !one.files.includes(path)) {
            throw failure(404);
          }
          return Readable.from([path]);
        }),
      putArchive: async (archive: AsyncIterable<Buffer | string>) => {
        const pieces: string[] = [];
        for await (const piece of archive) {
          pieces.push(piece.toString());
        }
        found().files.push(...pieces);
      },
    };
  }

  /** Images that are gone, by their ids. */
  readonly goneImages = new Set<string>();

  getImage(image: string) {
    const found = () => (this.goneImages.has(image) ? Promise.reject(failure(404)) : Promise.resolve({}));
    return {
      inspect: found,
      remove: () => {
        this.done.push(`remove image ${image}`);
        return found();
      },
    };
  }

  getNetwork(network: string) {
    return {
      disconnect: () => Promise.resolve(),
      connect: ({ Container, EndpointConfig }: { Container: string; EndpointConfig: object }) => {
        const one = this.find(Container);
        if (one !== undefined) {
          one.NetworkSettings.Networks[network] = EndpointConfig as never;
        }
        return Promise.resolve();
      },
    };
  }

  listContainers({ filters }: { filters: { label: string[] } }) {
    const found = this.containers.filter(
      ({ Config, State }) =>
        State["Running"] === true &&
        filters.label.every((label) => {
          const [key = "", value] = label.split("=");
          return value === undefined ? key in Config.Labels : Config.Labels[key] === value;
        }),
    );
    return Promise.resolve(found);
  }

  /** Tasks of the hub's service. */
  tasks: { readonly Status: { readonly State: string } }[] = [];

  listTasks() {
    return Promise.resolve(this.tasks);
  }
}
