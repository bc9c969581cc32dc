/**
 * Waits for the hub's new container, and puts the spare hub back where it does not come up; where it does, the spare one is
 * kept for `./hub rollback`. Run by Pulumi. Environment: STACK_PREFIX, START_TIMEOUT (seconds), and the Docker host as in
 * docker-api/environment.ts.
 */
import type Docker from "dockerode";

import { paths } from "../../components/hub/settings/paths";
import { filesOf } from "../../docker-api/archive";
import { environmentClient } from "../../docker-api/environment";
import { ignoring, messageOf } from "../../docker-api/errors";
import { givenPrefix } from "../../docker-api/naming";
import { couldNotStart, hubName, inspected, proxyName, wordsOf } from "./containers";
import { keepPrevious } from "./previous";
import { comesUp, type Outcome, putBack } from "./spare";
import { forPeople, tellPutBack } from "./words";

/** Lines of the log that are shown. */
const SHOWN_LINES = 30;

export async function run(): Promise<void> {
  const prefix = givenPrefix();
  const timeout = Number(process.env["START_TIMEOUT"]);
  const docker = await environmentClient();
  const container = docker.getContainer(hubName(prefix));
  const proxy = () => inspected(docker, proxyName(prefix));
  // One that an earlier run left so is about to be replaced.
  const before = await proxy();
  const outcome = await comesUp(container, timeout, async () => {
    const now = await proxy();
    return now !== undefined && now.Id !== before?.Id && couldNotStart(now);
  });
  if (outcome.how === "healthy") {
    await keepPrevious(docker, prefix);
    return;
  }
  const now = await proxy();
  if (now !== undefined && couldNotStart(now)) {
    // No hub comes up without it, the last good one neither.
    throw new Error("The new hub waits for Traefik, which could not start (see proxy-container).");
  }
  // Whatever cannot be told of it, the last good hub comes back.
  const reason = await reasonOf(docker, prefix, outcome, timeout).catch(
    (error: unknown) => `The new hub does not come up. Its log cannot be read: ${messageOf(error)}`,
  );
  const back = await putBack(docker, prefix, timeout).catch((error: unknown) => messageOf(error));
  throw new Error([reason, ...tellPutBack(prefix, back)].join("\n"));
}

async function reasonOf(docker: Docker, prefix: string, outcome: Outcome, timeout: number): Promise<string> {
  const name = hubName(prefix);
  const container = docker.getContainer(name);
  const secrets = await filesOf(container, paths.secrets).catch(() => []);
  const said =
    (await wordsOf(container, { stdout: true, stderr: true }, SHOWN_LINES).catch(ignoring(404))) ?? "";
  const [settings] = await filesOf(container, paths.settings).catch(() => []);
  const lines = forPeople(said, secrets, settings).split("\n");
  const what =
    outcome.how !== "ended"
      ? `The new hub was not healthy after ${timeout} s (hub.startTimeout)`
      : `The new hub ends again and again (exit code ${outcome.code}${outcome.killed ? ", killed for its memory" : ""})`;
  return [`${what}: ${lines.at(-1) ?? ""}`, "Its last lines:", ...lines.map((line) => `  ${line}`)].join(
    "\n",
  );
}
