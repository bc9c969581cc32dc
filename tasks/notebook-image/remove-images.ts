/**
 * Removes a stack's notebook images that nobody uses.
 * Environment: STACK_PREFIX, KEEP (ids with blanks between them), and DOCKER_HOST where it is not this machine.
 */
import { environmentClient } from "../../docker-api/environment";
import { messageOf } from "../../docker-api/errors";
import { givenPrefix } from "../../docker-api/naming";
import { removeImages } from "./images";

export async function run(): Promise<void> {
  const { KEEP = "" } = process.env;
  const keep = KEEP.split(" ").filter((id) => id !== "");
  const count = await environmentClient()
    .then((docker) => removeImages(docker, givenPrefix(), keep))
    .catch((error: unknown) => {
      throw new Error(`could not remove old notebook images: ${messageOf(error)}`, { cause: error });
    });
  console.log(`removed ${count} unused notebook images`);
}
