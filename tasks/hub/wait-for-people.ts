/**
 * Waits until the hub has taken over people's settings: run by Pulumi once their file is in its volume. Environment:
 * STACK_PREFIX, DIGEST (SHA-256 of the file), TIMEOUT (seconds), and the Docker host as in docker-api/environment.ts.
 */
import { posix } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";

import { paths } from "../../components/hub/settings/paths";
import { filesOf } from "../../docker-api/archive";
import { environmentClient } from "../../docker-api/environment";
import { parsed } from "../../docker-api/json";
import { givenPrefix } from "../../docker-api/naming";
import { plain } from "../../docker-api/plain";
import { waitFor } from "../../docker-api/wait";
import { hubName } from "./containers";
import { removeSpare } from "./spare";

/** What the hub writes: `take_over.py`. */
const FILE = posix.join(paths.data, "people-taken.json");

const taken = z.object({ version: z.literal(1), sha256: z.string(), problem: z.string().nullable() });

/** Milliseconds between two looks: the hub itself looks each second. */
const PAUSE = 250;

export async function run(): Promise<void> {
  const prefix = givenPrefix();
  const docker = await environmentClient();
  try {
    await waitForPeople(docker, prefix, process.env["DIGEST"] ?? "", Number(process.env["TIMEOUT"]) * 1000);
  } finally {
    // The trial kept one, and there is no new hub. With the settings of before this does not run again.
    await removeSpare(docker, prefix);
  }
}

/** @param timeout in milliseconds @throws Error where the hub would not take the file over */
export async function waitForPeople(
  docker: Docker,
  prefix: string,
  digest: string,
  timeout: number,
): Promise<void> {
  const container = docker.getContainer(hubName(prefix));
  const found = await waitFor(
    async () => {
      const [text = ""] = await filesOf(container, FILE).catch(() => []);
      const answer = taken.safeParse(parsed(text));
      return answer.success && answer.data.sha256 === digest ? answer.data : undefined;
    },
    timeout,
    PAUSE,
  );
  if (found === undefined) {
    throw new Error(
      `The hub has not taken over the settings of people within ${timeout / 1000} s. It runs on with those of before. ` +
        `Its log: docker logs ${hubName(prefix)}`,
    );
  }
  if (found.problem !== null) {
    throw new Error(`The hub could not take over the settings of people: ${plain(found.problem)}.`);
  }
}
