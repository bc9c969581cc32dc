/** Whether the tasks of a global service are what the service wants. The Docker provider waits for replicated services only. */
import { isDeepStrictEqual } from "node:util";
import type Docker from "dockerode";

import { nodesOf } from "./engine";

/** Failed tasks of one node after which there is no hope that the next one does better. */
const FAILURES = 3;

interface TaskAnswer {
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string; readonly Err?: string };
  readonly Spec: { readonly ContainerSpec?: object };
}

interface ServiceAnswer {
  readonly Spec: { readonly Name: string; readonly TaskTemplate: { readonly ContainerSpec?: object } };
  readonly UpdateStatus?: { readonly State: string; readonly Message?: string };
}

export interface Convergence {
  /** Whether every node that may run it runs it as it is wanted now. */
  readonly done: boolean;
  /** Whether there are tasks at all: Swarm makes them some moments after the service. */
  readonly hasTasks: boolean;
  /** What nodes fail with, by their ids. */
  readonly errors: ReadonlyMap<string, string>;
  /** Why it will not become better, or undefined while it may. */
  readonly hopeless: string | undefined;
}

/** Pure part. */
export function convergence(service: ServiceAnswer, tasks: readonly TaskAnswer[]): Convergence {
  const wanted = service.Spec.TaskTemplate.ContainerSpec;
  const isCurrent = ({ Spec }: TaskAnswer): boolean => isDeepStrictEqual(Spec.ContainerSpec, wanted);
  const living = tasks.filter(({ DesiredState }) => DesiredState === "running" || DesiredState === "ready");
  const failures = tasks.filter(
    (task) => isCurrent(task) && ["failed", "rejected"].includes(task.Status.State),
  );
  const runs = new Set(
    living.filter((task) => isCurrent(task) && task.Status.State === "running").map(({ NodeID }) => NodeID),
  );
  const waiting = living.filter(({ NodeID }) => !runs.has(NodeID));
  const errors = new Map(
    failures
      .filter(({ NodeID }) => waiting.some((task) => task.NodeID === NodeID))
      .map(({ NodeID = "", Status }) => [NodeID, Status.Err ?? Status.State]),
  );
  const update = service.UpdateStatus?.State ?? "";
  const failed = [...errors.keys()].find(
    (node) => failures.filter(({ NodeID }) => NodeID === node).length >= FAILURES,
  );
  return {
    done: waiting.length === 0 && !["updating", "paused"].includes(update),
    hasTasks: living.length > 0,
    errors,
    hopeless:
      failed !== undefined
        ? `its tasks fail again and again`
        : update === "paused"
          ? (service.UpdateStatus?.Message ?? "its update is paused")
          : undefined,
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits until a global service runs on every node that may run it.
 *
 * @param timeout in milliseconds
 * @throws Error with the nodes and their reasons when it fails there again and again, or does not run in time
 */
export async function waitForService(docker: Docker, id: string, timeout: number): Promise<void> {
  const start = Date.now();
  const filters = JSON.stringify({ service: [id] });
  for (;;) {
    // The client has no type for this answer.
    const service = (await docker.getService(id).inspect()) as ServiceAnswer;
    const state = convergence(service, (await docker.listTasks({ filters })) as TaskAnswer[]);
    const passed = Date.now() - start;
    // No node may run it, or Swarm has not come to it yet.
    if (state.done && (state.hasTasks || passed > 3_000)) return;
    if (state.hopeless !== undefined || passed > timeout) {
      const names = new Map((await nodesOf(docker)).map(({ ID, Description }) => [ID, Description.Hostname]));
      const why = [...state.errors].map(([node, error]) => `${names.get(node) ?? node}: ${error}`);
      throw new Error(
        `${service.Spec.Name}: ${state.hopeless ?? `does not run everywhere after ${timeout / 1000} s`}` +
          `${why.length > 0 ? ` (${why.sort().join("; ")})` : ""}. ` +
          `See: docker service ps --no-trunc ${service.Spec.Name}`,
      );
    }
    await sleep(500);
  }
}
