/**
 * The spare hub: a container like the last hub that was well, made before that one is replaced, and not started. It has
 * the image, settings and secrets that the hub had, so it can be put back without Pulumi and without the configuration
 * of before.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import { ignoring } from "../../docker-api/errors";
import { PUT_BACK_LABEL, UNDO_ROLE } from "../../docker-api/naming";
import { waitFor } from "../../docker-api/wait";
import {
  copyContainer,
  hubName,
  inspected,
  labelsOf,
  removeContainer,
  spareName,
  undoName,
  wordsOf,
} from "./containers";

/** How often a container has ended when there is no more hope for it. A first time may have had another's reason. */
const ENDS = 2;

/** Milliseconds for what the failed hub did to the database to be taken back: two copies of it at most. */
const UNDO_TIMEOUT = 300_000;

/** Milliseconds between two looks at a hub that starts. */
const PAUSE = 200;

/** Makes the spare one from the hub that runs, in place of an older one. */
export async function keepSpare(
  docker: Docker,
  prefix: string,
  hub: Docker.ContainerInspectInfo,
): Promise<void> {
  await removeContainer(docker, spareName(prefix));
  await copyContainer(docker, hub, {
    name: spareName(prefix),
    labels: labelsOf(prefix, "hub-spare"),
    restart: "no",
  });
}

export const removeSpare = (docker: Docker, prefix: string): Promise<void> =>
  removeContainer(docker, spareName(prefix));

/** How a hub that starts came out. */
export type Outcome =
  | { readonly how: "healthy" | "late" | "in-vain" }
  | { readonly how: "ended"; readonly code: number; readonly killed: boolean };

/**
 * Waits for a container that was just made: until it is healthy, there is no hope for it, or the time is over.
 * @param inVain whether what it needs will not be there
 */
export async function comesUp(
  container: Docker.Container,
  timeout: number,
  inVain: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Outcome> {
  const look = async (): Promise<Outcome | undefined> => {
    const { State: state, RestartCount: restarts } = await container.inspect();
    if (state.Health?.Status === "healthy") {
      return { how: "healthy" };
    }
    if (await inVain()) {
      return { how: "in-vain" };
    }
    const hasEnded = state.Status === "exited" || state.Status === "dead";
    // Once it runs again, the engine no longer knows the exit code.
    return hasEnded || (state.Restarting && restarts >= ENDS)
      ? { how: "ended", code: state.ExitCode, killed: state.OOMKilled }
      : undefined;
  };
  return (await waitFor(look, timeout * 1000, PAUSE)) ?? { how: "late" };
}

/** What was put back. */
export interface PutBack {
  /** Whether it is healthy. */
  readonly isWell: boolean;
  /** What it goes on with; undefined where its database was not changed. */
  readonly database: string | undefined;
}

/**
 * Puts the spare hub in the place of one that does not come up, with the database as it was before that one.
 * The spare one stays, for another time.
 *
 * @param timeout seconds that a hub has to start
 * @returns undefined where there is no spare one
 */
export async function putBack(docker: Docker, prefix: string, timeout: number): Promise<PutBack | undefined> {
  const spare = await inspected(docker, spareName(prefix));
  if (spare === undefined) {
    return undefined;
  }
  const failed = await inspected(docker, hubName(prefix));
  let database: string | undefined;
  if (failed !== undefined) {
    await docker.getContainer(failed.Id).stop({ t: 10 }).catch(ignoring(304, 404));
    await removeContainer(docker, undoName(prefix));
    database = await undo(docker, prefix, failed, failed.Created);
    await removeContainer(docker, failed.Id);
  }
  const { isWell } = await takePlace(docker, prefix, spare, PUT_BACK_LABEL, timeout);
  return { isWell, database };
}

/**
 * Makes a container like the given one, as the stack's hub, and starts it. No hub is there.
 *
 * @param label its value is the time
 */
export async function takePlace(
  docker: Docker,
  prefix: string,
  like: Docker.ContainerInspectInfo,
  label: string,
  timeout: number,
): Promise<{ readonly isWell: boolean }> {
  const hub = await copyContainer(docker, like, {
    name: hubName(prefix),
    labels: { ...labelsOf(prefix, "hub"), [label]: `${new Date().toISOString().slice(0, 19)}Z` },
    restart: "unless-stopped",
  });
  await hub.start();
  return { isWell: (await comesUp(hub, timeout)).how === "healthy" };
}

/**
 * Takes back what a hub has done to its database, in a container like it: with its settings, its secrets and its
 * networks, where the database may be. It has stopped.
 *
 * @param from time since which, as the engine writes it
 * @param word what is taken back: all that it did, or that a copy was restored
 * @returns what the next hub gets, or undefined where the database was not changed
 */
export async function undo(
  docker: Docker,
  prefix: string,
  failed: Docker.ContainerInspectInfo,
  from: string,
  word: "undo" | "undo-restore" = "undo",
): Promise<string | undefined> {
  const since = from.replace(/(\.\d{1,6})\d*Z$/, "$1Z");
  // What was killed here before is in the way.
  await removeContainer(docker, undoName(prefix));
  try {
    const container = await copyContainer(docker, failed, {
      name: undoName(prefix),
      labels: labelsOf(prefix, UNDO_ROLE),
      restart: "no",
      command: ["jupyterhub-on-docker", word, since],
    });
    const end = container.wait({ condition: "next-exit" });
    // What is wrong with the start is told by the start.
    end.catch(() => undefined);
    await container.start();
    await Promise.race([end, sleep(UNDO_TIMEOUT, undefined, { ref: false })]);
    return (await wordsOf(container, { stdout: true }, 1)) || undefined;
  } catch {
    // An image that does not start has changed nothing.
    return undefined;
  } finally {
    await removeContainer(docker, undoName(prefix));
  }
}
