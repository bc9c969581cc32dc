/** People's files by the Docker API alone, on whatever engine they are. */
import { Readable } from "node:stream";
import type Docker from "dockerode";

import { program } from "../../config/commands";
import { demultiplex } from "../../docker-api/logs";
import { labels, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { SetupError } from "../../setup/errors";
import type { NodeEngine } from "../node/engines";

/** Where a home is in the containers that are made here. */
export const MOUNT = "/home-copy";

/** How a container gets a volume or a folder of the host. */
export interface Mounted {
  readonly Type: "volume" | "bind";
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
}

/** The stack, as far as it is asked for here. */
interface Stack {
  readonly prefix: string;
}

/** Roles whose images are known to have `ls` and `find`. */
const ROLES = ["hub", "pre-puller", "user"];

/** An image that the engine has: whatever the stack runs there, or brought there. */
async function anyImage({ prefix }: Stack, { name, docker }: NodeEngine): Promise<string> {
  const label = [`${STACK_LABEL}=${prefix}`];
  const containers = await docker.listContainers({ all: true, filters: { label } });
  const rank = ({ Labels }: Docker.ContainerInfo): number => {
    const at = ROLES.indexOf(Labels[ROLE_LABEL] ?? "");
    return at === -1 ? ROLES.length : at;
  };
  const [container] = containers.sort((a, b) => rank(a) - rank(b));
  if (container !== undefined) {
    return container.ImageID;
  }
  const [image] = await docker.listImages({ filters: { label } } as Docker.ListImagesOptions);
  if (image !== undefined) {
    return image.Id;
  }
  throw new SetupError(
    `${name || "The Docker host"} has no image of the stack that could read the files. Bring the stack up first.`,
    program("up"),
  );
}

async function withContainer<T>(
  stack: Stack,
  engine: NodeEngine,
  mount: Mounted,
  entryPoint: readonly string[],
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const container = await engine.docker.createContainer({
    Image: await anyImage(stack, engine),
    Entrypoint: [...entryPoint],
    Cmd: [],
    User: "0:0",
    Labels: Object.fromEntries(labels(stack.prefix, "home-copy").map(({ label, value }) => [label, value])),
    HostConfig: { Mounts: [mount], NetworkMode: "none" },
  });
  try {
    return await use(container);
  } finally {
    await container.remove({ force: true });
  }
}

/** Mounts a home into a container that never runs: its files are read and written by the Docker API alone. */
export const withMount = <T>(
  stack: Stack,
  engine: NodeEngine,
  mount: Mounted,
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> => withContainer(stack, engine, mount, ["false"], use);

/** Runs a command as root beside a home; returns what it printed. */
export const runWith = (
  stack: Stack,
  engine: NodeEngine,
  mount: Mounted,
  command: readonly string[],
): Promise<string> =>
  withContainer(stack, engine, mount, command, async (container) => {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    if (StatusCode === 0) {
      return demultiplex(await container.logs({ stdout: true }));
    }
    const reason = demultiplex(await container.logs({ stderr: true })).trim();
    throw new Error(`${command.join(" ")}: ${reason} (exit code ${StatusCode})`);
  });

/** All files of a home, as a tar archive. */
export async function archiveOf(container: Docker.Container): Promise<Readable> {
  return Readable.from(await container.getArchive({ path: `${MOUNT}/.` }));
}
