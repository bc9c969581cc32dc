/** Whether the tasks of a global service are what the service wants. The Docker provider waits for replicated services only. */
import { isDeepStrictEqual } from "node:util";
import type Docker from "dockerode";

import { nodesOf, type TaskAnswer, tasksOf } from "../../docker-api/swarm";
import { until } from "../../docker-api/wait";

/** Failed tasks of one node after which there is no hope that the next one does better. */
const FAILURES = 3;

interface ServiceAnswer {
  readonly Spec: { readonly Name: string; readonly TaskTemplate: { readonly ContainerSpec?: object } };
  readonly UpdateStatus?: { readonly State: string };
}

export interface Convergence {
  /** Whether every node that may run it runs it as it is wanted now. */
  readonly done: boolean;
  /** Whether there are tasks at all: Swarm makes them some moments after the service. */
  readonly hasTasks: boolean;
  /** What nodes fail with, by their ids. */
  readonly errors: ReadonlyMap<string, string>;
  /** Whether a node has failed so often that there is no use in waiting for it. */
  readonly isHopeless: boolean;
}

const hasFailed = ({ Status }: TaskAnswer): boolean => ["failed", "rejected"].includes(Status.State);

/** Pure part. @param known tasks, by id, whose failures are of another time */
export function convergence(
  service: ServiceAnswer,
  tasks: readonly TaskAnswer[],
  known: ReadonlySet<string> = new Set(),
): Convergence {
  const wanted = service.Spec.TaskTemplate.ContainerSpec;
  const isCurrent = ({ Spec }: TaskAnswer): boolean => isDeepStrictEqual(Spec.ContainerSpec, wanted);
  const living = tasks.filter(({ DesiredState }) => DesiredState === "running" || DesiredState === "ready");
  const failures = tasks.filter((task) => hasFailed(task) && isCurrent(task) && !known.has(task.ID));
  const runs = new Set(
    living.filter((task) => isCurrent(task) && task.Status.State === "running").map(({ NodeID }) => NodeID),
  );
  const waiting = living.filter(({ NodeID }) => !runs.has(NodeID));
  const errors = new Map(
    failures
      .filter(({ NodeID }) => waiting.some((task) => task.NodeID === NodeID))
      .map(({ NodeID = "", Status }) => [NodeID, Status.Err ?? Status.State]),
  );
  return {
    done: waiting.length === 0 && service.UpdateStatus?.State !== "updating",
    hasTasks: living.length > 0,
    errors,
    isHopeless: [...errors.keys()].some(
      (node) => failures.filter(({ NodeID }) => NodeID === node).length >= FAILURES,
    ),
  };
}

/**
 * Waits until a global service runs on every node that may run it.
 *
 * @param timeout in milliseconds
 * @throws Error with the nodes and their reasons when it fails there again and again, or does not run in time
 */
export async function waitForService(docker: Docker, id: string, timeout: number): Promise<void> {
  const start = Date.now();
  const tasksNow = () => tasksOf(docker, { service: [id] });
  // A node may have been mended since.
  const known = new Set((await tasksNow()).filter(hasFailed).map(({ ID }) => ID));
  let name = id;
  let errors: Convergence["errors"] = new Map();
  const failure = async (problem: string): Promise<Error> => {
    const names = new Map((await nodesOf(docker)).map(({ ID, Description }) => [ID, Description.Hostname]));
    const why = [...errors].map(([node, error]) => `${names.get(node) ?? node}: ${error}`);
    return new Error(
      `${name}: ${problem}${why.length > 0 ? ` (${why.sort().join("; ")})` : ""}. ` +
        `See: docker service ps --no-trunc ${name}`,
    );
  };
  const runsEverywhere = async (): Promise<boolean> => {
    // The client has no type for this answer.
    const service = (await docker.getService(id).inspect()) as ServiceAnswer;
    const state = convergence(service, await tasksNow(), known);
    name = service.Spec.Name;
    errors = state.errors;
    if (state.isHopeless) {
      throw await failure("its tasks keep failing");
    }
    // No node may run it, or Swarm has not come to it yet.
    return state.done && (state.hasTasks || Date.now() - start > 3_000);
  };
  if (!(await until(runsEverywhere, timeout))) {
    throw await failure(`is not running everywhere after ${timeout / 1000} s`);
  }
}
