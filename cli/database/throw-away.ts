/**
 * Throw-away containers with the hub's image: they look at a copy of the database, or make one, whether the hub runs or
 * not. What they are given comes from the hub's own container, which the engine reads while it is stopped, too.
 */
import { createReadStream, statSync } from "node:fs";
import { posix } from "node:path";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { z } from "zod";

import { HUB_ROLE, PASSWORD_FILE } from "../../components/database/postgres-start";
import { OWNER, paths } from "../../components/hub/settings/paths";
import { entriesOf } from "../../docker-api/archive";
import { ignoring } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { DATABASE_COPY_ROLE, labels, physicalName, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { SetupError } from "../../setup/errors";
import { upCommand } from "../../setup/stacks";
import { hubSettings } from "../hub-settings";
import type { OpenStack } from "../stack";

/** A container's description; undefined where there is none of that name. */
export const inspect = (stack: OpenStack, role: string): Promise<Docker.ContainerInspectInfo | undefined> =>
  stack.docker.getContainer(physicalName(stack.prefix, role)).inspect().catch(ignoring(404));

/** The image of the hub, which the Docker filter has too. */
async function hubImage(stack: OpenStack): Promise<string> {
  const made = (await inspect(stack, "hub")) ?? (await inspect(stack, "docker-filter"));
  if (made !== undefined) {
    return made.Image;
  }
  const label = [`${STACK_LABEL}=${stack.prefix}`, `${ROLE_LABEL}=hub-image`];
  const images = await stack.docker.listImages({ filters: { label } } as Docker.ListImagesOptions);
  const [newest] = images.sort((a, b) => b.Created - a.Created);
  if (newest === undefined) {
    throw new SetupError(
      `The hub's image: expected one of stack "${stack.name}" on its Docker host, found none.`,
      upCommand(stack.name),
    );
  }
  return newest.Id;
}

/** What a container of these is given beside the hub's image. */
export interface Given {
  /** Name of the volume with the hub's data. @default none */
  readonly data?: string | undefined;
  /** Names of networks. @default none */
  readonly networks?: readonly string[];
}

/** Makes a container, has it used, and removes it. It does not run before it is started. */
export async function withThrowAway<T>(
  stack: OpenStack,
  { data, networks = [] }: Given,
  command: readonly string[],
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const { docker, prefix } = stack;
  const [network = "none", ...others] = networks;
  const container = await docker.createContainer({
    Image: await hubImage(stack),
    Entrypoint: [...command],
    Cmd: [],
    Labels: Object.fromEntries(labels(prefix, DATABASE_COPY_ROLE).map(({ label, value }) => [label, value])),
    HostConfig: {
      NetworkMode: network,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      ...(data === undefined ? {} : { Mounts: [{ Type: "volume", Source: data, Target: paths.data }] }),
    },
  });
  try {
    for (const other of others) {
      await docker.getNetwork(other).connect({ Container: container.id });
    }
    return await use(container);
  } finally {
    await container.remove({ force: true });
  }
}

/** Runs the container to its end. @returns what it printed. @throws SetupError with what it said instead */
export async function output(container: Docker.Container): Promise<string> {
  await container.start();
  const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
  const said = (streams: { stdout?: true; stderr?: true }) => container.logs(streams).then(demultiplex);
  if (code !== 0) {
    const words = (await said({ stdout: true, stderr: true })).trim();
    throw new SetupError(words || `The hub's program ended with exit code ${code}.`);
  }
  return (await said({ stdout: true })).trim();
}

/** Lays a file into a container, for the hub's user only. @param from a file of this machine, or the text itself */
export async function put(
  container: Docker.Container,
  path: string,
  from: { readonly file: string } | { readonly text: string },
): Promise<void> {
  const archive = pack();
  const header = { name: posix.basename(path), mode: 0o600, ...OWNER };
  if ("text" in from) {
    archive.entry(header, from.text);
    archive.finalize();
  } else {
    const entry = archive.entry({ ...header, size: statSync(from.file).size }, () => {
      archive.finalize();
    });
    createReadStream(from.file).pipe(entry);
  }
  await container.putArchive(archive, { path: posix.dirname(path) });
}

/** The volume with the hub's data. @throws SetupError where there is none */
export async function dataVolume(stack: OpenStack): Promise<string> {
  const hub = await inspect(stack, "hub");
  const mounted = hub?.Mounts.find(({ Destination }) => Destination === paths.data)?.Name;
  const name = mounted ?? physicalName(stack.prefix, "hub-data");
  // A container that names a volume that is not there would have an empty one made.
  if ((await stack.docker.getVolume(name).inspect().catch(ignoring(404))) === undefined) {
    throw new SetupError(
      `The hub's database: expected the volume ${name} on the Docker host, found none.`,
      upCommand(stack.name),
    );
  }
  return name;
}

/** How the database is reached without the hub: what a container needs for it. */
export interface Access extends Given {
  /** More arguments of `database dump`. */
  readonly arguments: readonly string[];
  /** Lays ready what else is needed. */
  readonly prepare: (container: Docker.Container) => Promise<unknown>;
}

/** As the hub's own container is set, running or not; without one, as the stack file and the other containers say. */
export async function databaseAccess(stack: OpenStack): Promise<Access> {
  const hub = await inspect(stack, "hub");
  return hub === undefined ? accessWithoutHub(stack) : accessOf(stack, hub);
}

const kindOfDatabase = z.object({ database: z.object({ kind: z.string() }) });

async function accessOf(stack: OpenStack, hub: Docker.ContainerInspectInfo): Promise<Access> {
  const container = stack.docker.getContainer(hub.Id);
  const folders = [posix.dirname(paths.settings), paths.secrets];
  const archives = await Promise.all(
    folders.map(async (path) => buffer(await container.getArchive({ path }))),
  );
  const data = await dataVolume(stack);
  const settings = archives.flatMap(entriesOf).find(({ name }) => name.endsWith("/config.json"));
  const { database } = hubSettings(stack, settings?.content.toString() ?? "", kindOfDatabase);
  return {
    data,
    networks: database.kind === "sqlite" ? [] : Object.keys(hub.NetworkSettings.Networks),
    arguments: [],
    prepare: (made) =>
      Promise.all(
        folders.map((path, at) =>
          made.putArchive(archives[at] ?? Buffer.alloc(0), { path: posix.dirname(path) }),
        ),
      ),
  };
}

async function accessWithoutHub(stack: OpenStack): Promise<Access> {
  const { kind = "sqlite" } = (stack.file.values["database"] ?? {}) as { readonly kind?: unknown };
  if (kind === "sqlite") {
    return {
      data: await dataVolume(stack),
      arguments: ["--from", `sqlite:///${paths.data}/jupyterhub.sqlite`],
      prepare: () => Promise.resolve(),
    };
  }
  const server = kind === "postgres" ? await inspect(stack, "database") : undefined;
  if (server === undefined) {
    throw new SetupError(
      `The hub's container ${physicalName(stack.prefix, "hub")}, which has the way to the database: expected one on the ` +
        "Docker host, found none.",
      upCommand(stack.name),
    );
  }
  const secret = await stack.docker.getContainer(server.Id).getArchive({ path: PASSWORD_FILE });
  const password = entriesOf(await buffer(secret))[0]?.content.toString() ?? "";
  return {
    networks: Object.keys(server.NetworkSettings.Networks).slice(0, 1),
    arguments: [
      "--from",
      `postgresql+psycopg://${HUB_ROLE}@${physicalName(stack.prefix, "database")}:5432/${HUB_ROLE}`,
    ],
    prepare: (made) => put(made, PASSWORD_FILE, { text: password }),
  };
}
