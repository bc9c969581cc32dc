/**
 * Removes a stack's notebook images that nobody uses.
 * Environment: STACK_PREFIX, KEEP (ids with blanks between them), and DOCKER_HOST where it is not this machine.
 */
import { environmentClient } from "../../docker-api/environment";
import { removeImages } from "./engine";

const keep = (process.env["KEEP"] ?? "").split(" ").filter((id) => id !== "");

environmentClient()
  .then((docker) => removeImages(docker, process.env["STACK_PREFIX"] ?? "", keep))
  .then(
    (count) => {
      console.log(`removed ${count} notebook images that nobody uses`);
    },
    (error: unknown) => {
      console.error(`could not remove old notebook images: ${(error as Error).message}`);
      process.exitCode = 1;
    },
  );
