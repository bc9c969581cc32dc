/** The container of a stack's hub, and questions that are asked in it. */
import type { ZodType } from "zod";

import { dockerClient } from "../docker-api/client";
import { inspectContainer } from "../docker-api/containers";
import { type Reached, runIn } from "../docker-api/exec";
import { withConnection } from "../docker-api/get";
import { parsed } from "../docker-api/json";
import { physicalName } from "../docker-api/naming";
import { plain } from "../docker-api/plain";
import { taskPlace } from "../docker-api/task-place";
import { SetupError } from "../setup/errors";
import { upCommand } from "../setup/stacks";
import { swarmOf } from "./node/stack-file";
import type { OpenStack } from "./stack";

/** A container that runs, and the engine that has it. */
export interface Place {
  readonly container: string;
  readonly engine: Reached;
}

/** Where a part of the stack runs; undefined where it does not, or on a node whose engine cannot be asked. */
export async function placeOf(stack: OpenStack, role: string): Promise<Place | undefined> {
  const { address, prefix } = stack;
  const name = physicalName(prefix, role);
  const swarm = swarmOf(stack);
  if (swarm === undefined) {
    const found = await withConnection(address, (get) => inspectContainer(get, name));
    return found?.State.Status === "running" ? { container: found.Id, engine: { address } } : undefined;
  }
  const place = await taskPlace({ address }, name, swarm.members);
  return place?.engine && { container: place.container, engine: place.engine };
}

/** @throws SetupError where no hub runs that can be asked */
export async function hubPlace(stack: OpenStack, verb: string): Promise<Place> {
  const place = await placeOf(stack, "hub");
  if (place === undefined) {
    const where = swarmOf(stack) === undefined ? "" : ", on a node whose engine can be asked";
    throw new SetupError(`${verb}: expected a hub that runs${where}, found none.`, upCommand(stack.name));
  }
  return place;
}

/** Seconds for an answer. */
const TIMEOUT = 30;

export interface Asking {
  /** What the error says before the hub's own words. */
  readonly failed: string;
  /** The error for a hub that is stopped or replaced meanwhile. */
  readonly gone?: readonly [string, ...string[]];
  /** Seconds. */
  readonly timeout?: number;
}

/**
 * What `jupyterhub-on-docker` prints as JSON in the hub's container.
 *
 * @throws SetupError with what it says instead
 */
export async function askInside<T>(
  { container, engine }: Place,
  words: readonly string[],
  shape: ZodType<T>,
  { failed, gone, timeout = TIMEOUT }: Asking,
): Promise<T> {
  const docker = await dockerClient(engine.address);
  const command = ["jupyterhub-on-docker", ...words];
  const { code, output, log } = await runIn(docker.getContainer(container), command, timeout);
  if (code === null) {
    throw new SetupError(...(gone ?? ([`${failed}: it was stopped or replaced meanwhile.`] as const)));
  }
  const said = output.trim() === "" ? (log.trim().split("\n").at(-1) ?? "") : output;
  const answer = parsed(said);
  const read = shape.safeParse(answer);
  if (!read.success) {
    throw new SetupError(
      answer !== undefined || /invalid choice/.test(said)
        ? `${failed}: it is of another version than this checkout. ./up updates it.`
        : `${failed}: ${plain(said)
            .replace(/^jupyterhub-on-docker: /, "")
            .slice(0, 500)}`,
    );
  }
  return read.data;
}
