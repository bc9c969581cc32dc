/** From a copy back into the hub's database, of whatever kind it is. */
import { existsSync } from "node:fs";
import type Docker from "dockerode";

import { paths } from "../../components/hub/settings/paths";
import { ignoring } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { waitFor } from "../../docker-api/wait";
import { SetupError } from "../../setup/errors";
import { failedLogs } from "../../setup/failed-containers";
import { upCommand } from "../../setup/stacks";
import { type Answer } from "../answer";
import { type OpenStack } from "../stack";
import { dataVolume, inspect, output, put, withThrowAway } from "./throw-away";

const HEALTHY_SECONDS = 180;

/** Where a copy is in a throw-away container. */
const COPY = "/tmp/copy.sqlite";

const PROGRAM = "jupyterhub-on-docker";

/** What the hub restores at its next start. */
const READY = `${paths.data}/restore.sqlite`;

/** What is in a copy. @throws SetupError where it cannot be restored; nothing was touched then */
function check(stack: OpenStack, file: string): Promise<string> {
  if (!existsSync(file)) {
    throw new SetupError(`${file}: expected a file made by dump, found none.`);
  }
  return withThrowAway(stack, {}, [PROGRAM, "database", "check", COPY], async (container) => {
    await put(container, COPY, { file });
    try {
      return await output(container);
    } catch (error) {
      if (!(error instanceof SetupError)) {
        throw error;
      }
      const why = error.message.replaceAll(COPY, file).replaceAll(`${PROGRAM}: `, "");
      throw new SetupError(`${why}. Nothing was changed.`);
    }
  });
}

/** Restores a copy into the hub's database. @param later at the hub's next start only */
export async function restore(stack: OpenStack, file: string, later: boolean): Promise<Answer> {
  const described = await check(stack, file);
  const found = `${file}: ${described}`;
  const made = await inspect(stack, "hub");
  if (made === undefined) {
    const data = await dataVolume(stack);
    await withThrowAway(stack, { data }, ["false"], (container) => put(container, READY, { file }));
    const next = `The hub has no container. It restores ${file} at its next start: ${upCommand(stack.name)}`;
    return { text: `${found}\n${next}`, json: { file, described, restored: "at the next start" } };
  }
  const hub = stack.docker.getContainer(made.Id);
  // A hub that ends and starts, again and again, would find half a file.
  const isWell = made.State.Health?.Status === "healthy";
  if (!isWell) {
    await hub.stop({ t: 20 }).catch(ignoring(304));
  }
  await put(hub, READY, { file });
  if (later) {
    if (!isWell && (made.State.Running || made.State.Restarting)) {
      await hub.start();
    }
    const text = `${found}\nThe hub restores ${file} at its next start.`;
    return { text, json: { file, described, restored: "at the next start" } };
  }
  const since = Math.floor(Date.now() / 1000);
  await hub.restart({ t: 20 });
  if (!(await isHealthy(hub))) {
    const words = await failedLogs(stack.docker, stack.name, stack.prefix);
    throw new SetupError("The hub does not become healthy with the restored database.", ...words);
  }
  const said = demultiplex(await hub.logs({ stdout: true, stderr: true, since }));
  const lines = said.split("\n").filter((line) => line.includes(": database: "));
  return { text: [found, ...lines].join("\n"), json: { file, described, restored: "now", log: lines } };
}

async function isHealthy(hub: Docker.Container): Promise<boolean> {
  const { RestartCount: before } = await hub.inspect();
  const outcome = async (): Promise<boolean | undefined> => {
    const { State, RestartCount: count } = await hub.inspect();
    if (State.Health?.Status === "healthy") {
      return true;
    }
    // A hub that ends has said why; it would end again and again.
    return State.Restarting || !State.Running || count > before ? false : undefined;
  };
  return (await waitFor(outcome, HEALTHY_SECONDS * 1000)) ?? false;
}
