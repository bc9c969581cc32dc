/**
 * Fails where a notebook server reaches or does what it must not. Environment: STACK_PREFIX, and the Docker host as in
 * docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { messageOf } from "../../docker-api/errors";
import { givenPrefix } from "../../docker-api/naming";
import { checkIsolation } from "./isolation";
import { problems, render } from "./report";

export async function run(): Promise<void> {
  const rows = await environmentClient()
    .then((docker) => checkIsolation(docker, givenPrefix()))
    .catch((error: unknown) => {
      throw new Error(`the probes could not be run: ${messageOf(error)}`, { cause: error });
    });
  console.log(render(rows));
  const holes = problems(rows);
  if (holes.length > 0) {
    throw new Error(holes.join("\n"));
  }
}
