/**
 * Fails where a notebook server reaches or does what it must not. Environment: STACK_PREFIX, and the Docker host as in
 * docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { checkIsolation } from "./isolation";

export async function run(): Promise<void> {
  const holes = await environmentClient()
    .then((docker) => checkIsolation(docker, process.env["STACK_PREFIX"] ?? ""))
    .catch((error: unknown) => {
      throw new Error(`the probes could not be run: ${(error as Error).message}`, { cause: error });
    });
  if (holes.length > 0) throw new Error(holes.join("\n"));
}
