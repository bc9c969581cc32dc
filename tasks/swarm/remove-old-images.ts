/**
 * Removes a stack's old images from a node. Run by Pulumi. Environment: STACK_PREFIX, REGISTRY, KEEP (names with digests,
 * blanks between), NODE (its name, for messages), and its engine as in docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { messageOf } from "../../docker-api/errors";
import { givenPrefix } from "../../docker-api/naming";
import { removeOldImages } from "./old-images";

export async function run(): Promise<void> {
  const { REGISTRY = "", KEEP = "", NODE = "" } = process.env;
  try {
    const docker = await environmentClient(process.env, 60_000);
    const keep = KEEP.split(" ");
    const { removed, used } = await removeOldImages(docker, {
      prefix: givenPrefix(),
      registry: REGISTRY,
      keep,
    });
    console.log(`${NODE}: removed ${removed} old images, ${used} are still in use`);
  } catch (error) {
    // A node that is down keeps its images until the next time: no reason for an update to fail.
    console.log(`${NODE}: old images could not be removed: ${messageOf(error)}`);
  }
}
