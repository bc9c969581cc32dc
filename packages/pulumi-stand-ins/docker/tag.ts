/** docker.Tag: a further name for an image. */
import type Docker from "dockerode";
import { bridged } from "./bridge/resource";
import { type Shape, string, stringSet } from "./bridge/shape";
import { type Engine, isNotFound, reason, unlessMissing } from "./engine";
import type { ResourceDefinition } from "../lib/serve";

const tagShape: Shape = {
  sourceImage: string({ required: true, replaces: true }),
  sourceImageId: string({ output: true }),
  tagTriggers: stringSet({ replaces: true }),
  targetImage: string({ required: true, replaces: true }),
};

export function tag(engine: () => Engine): ResourceDefinition {
  return bridged({
    shape: tagShape,

    async create(inputs) {
      const [source, target] = [inputs.sourceImage as string, inputs.targetImage as string];
      const [, repo = target, name = "latest"] = /^(.*?)(?::([^:/]+))?$/.exec(target) ?? [];
      await engine()
        .docker.getImage(source)
        .tag({ repo, tag: name })
        .catch((error: unknown) => {
          throw new Error(`failed to create docker tag: ${reason(error)}`, { cause: error });
        });
      return `${source}.${target}`;
    },

    async read(_id, known) {
      const found = await unlessMissing<Docker.ImageInspectInfo>(
        engine().docker.getImage(String(known.targetImage)).inspect(),
      );
      return found && { live: { sourceImageId: found.Id } };
    },

    async delete(_id, state) {
      try {
        await engine().docker.getImage(String(state.targetImage)).remove({ noprune: true });
      } catch (error) {
        if (!isNotFound(error)) {
          throw new Error(`failed to delete docker tag: ${reason(error)}`, { cause: error });
        }
      }
    },
  });
}
