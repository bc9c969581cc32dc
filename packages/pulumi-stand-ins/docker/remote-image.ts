/** docker.RemoteImage, and finding or pulling images for containers. */
import type Docker from "dockerode";

import type { ResourceDefinition } from "../lib/serve";
import { bridged, type Call } from "./bridge/resource";
import { bool, map, type Shape, string, stringSet, unsupported } from "./bridge/shape";
import { type Connection, isNotFound, reason, unlessMissing } from "./connection";
import { follow } from "./progress";
import { authFor, registryOf, repositoryOf } from "./registry";

export const remoteImageShape: Shape = {
  name: string({ required: true, replaces: true }),
  build: unsupported("builds (docker.Image does)", { kind: "block" }),
  forceRemove: bool(),
  imageId: string({ output: true }),
  keepLocally: bool(),
  platform: string({ replaces: true }),
  pullTriggers: stringSet({ replaces: true }),
  repoDigest: string({ output: true }),
  triggers: map({ replaces: true }),
};

export function remoteImage(engine: () => Connection): ResourceDefinition {
  const inspect = (name: string): Promise<Docker.ImageInspectInfo | undefined> =>
    unlessMissing(engine().docker.getImage(name).inspect());

  return bridged({
    shape: remoteImageShape,

    async create(inputs, call) {
      const name = inputs.name as string;
      const found = await findOrPull(engine(), name, textOr(inputs.platform), call).catch(
        (error: unknown) => {
          throw new Error(`Unable to read Docker image into resource: ${reason(error)}`, { cause: error });
        },
      );
      return found.Id + name;
    },

    async read(id, known) {
      // An import knows the id only: image id and name in one.
      const name = textOr(known.name) || id.replace(/^sha256:[0-9a-f]{64}/, "");
      const found = await inspect(name);
      return (
        found && {
          id: found.Id + name,
          live: { name, imageId: found.Id, repoDigest: repoDigest(name, found.RepoDigests) },
        }
      );
    },

    async delete(_id, state) {
      if (state.keepLocally === true) {
        return;
      }
      try {
        await engine()
          .docker.getImage(state.name as string)
          .remove({ force: state.forceRemove === true });
      } catch (error) {
        if (!isNotFound(error)) {
          throw new Error(`Unable to remove Docker image: ${reason(error)}`, { cause: error });
        }
      }
    },
  });
}

const textOr = (value: unknown): string => (typeof value === "string" ? value : "");

/** The digest under which the image's own repository has it; "" for an image that was never pulled or pushed. */
function repoDigest(name: string, digests: readonly string[] | null): string {
  const repository = repositoryOf(name);
  return (digests ?? []).find((digest) => repositoryOf(digest) === repository) ?? "";
}

/** An image of the engine's; pulled only when the engine does not have it. */
export async function findOrPull(
  engine: Connection,
  name: string,
  platform: string,
  { log, signal }: Call,
): Promise<Docker.ImageInspectInfo> {
  if (name === "") {
    throw new Error("empty image name is not allowed");
  }
  const image = engine.docker.getImage(name);
  const found = await unlessMissing(image.inspect());
  if (found) {
    return found;
  }
  await pull(engine, name, platform, { log, signal });
  return image.inspect();
}

async function pull(
  engine: Connection,
  name: string,
  platform: string,
  { log, signal }: Call,
): Promise<void> {
  log.status(`pulling ${name}`);
  const auth = authFor(registryOf(name));
  const options = {
    abortSignal: signal,
    ...(platform === "" ? {} : { platform }),
    ...(auth === undefined ? {} : { authconfig: auth }),
  };
  const stream = await engine.docker.pull(name, options).catch((error: unknown) => {
    throw new Error(`unable to pull image ${name}: ${reason(error)}`, { cause: error });
  });
  await follow(engine, stream, `unable to pull image ${name}`, (line) => {
    log.status(line);
  });
}
