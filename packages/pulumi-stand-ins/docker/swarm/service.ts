/** docker.Service */
import type Docker from "dockerode";

import type { Props, ResourceDefinition } from "../../lib/serve";
import { bridged, type Call } from "../bridge/resource";
import { type Connection, isNotFound, reason, request, sleep } from "../connection";
import { authFor as authOf, registryOf } from "../registry";
import { nanoseconds } from "../values";
import { serviceShape } from "./shape";
import { serviceSpec } from "./spec";
import { serviceState } from "./state";

const POLL_MS = 500;

interface Task {
  ServiceID: string;
  NodeID?: string;
  DesiredState: string;
  Status: { State: string; Err?: string; Message?: string; Timestamp: string };
}

interface Service {
  ID: string;
  Version: { Index: number };
  Spec: { Name: string; Mode: { Replicated?: { Replicas: number }; Global?: object } };
  UpdateStatus?: { State: string; Message: string };
}

export function service(engine: () => Connection): ResourceDefinition {
  const inspect = async (id: string): Promise<Service> =>
    (await engine().docker.getService(id).inspect()) as Service;

  const tasksOf = async (id: string): Promise<Task[]> =>
    (await engine().docker.listTasks({ filters: { service: [id] } })) as Task[];

  const authFor = (inputs: Props): object | undefined => {
    const given = inputs.auth as Props | null;
    const { containerSpec } = inputs.taskSpec as { containerSpec: Props };
    const auth =
      given === null
        ? authOf(registryOf(containerSpec.image as string))
        : { username: given.username, password: given.password, serveraddress: given.serverAddress };
    return auth;
  };

  /** Waits until as many tasks of a replicated service run as shall, and any rolling update has ended. */
  const converge = async (id: string, inputs: Props, { log, signal }: Call): Promise<void> => {
    const config = inputs.convergeConfig as Props | null;
    if (config === null) {
      return;
    }
    const deadline = Date.now() + nanoseconds(config.timeout) / 1e6;
    await sleep(nanoseconds(config.delay) / 1e6, signal);
    for (;;) {
      const found = await inspect(id);
      const tasks = await tasksOf(id);
      const wanted = found.Spec.Mode.Replicated?.Replicas ?? 0;
      const running = tasks.filter(
        (task) => task.DesiredState === "running" && task.Status.State === "running",
      ).length;
      const update = found.UpdateStatus;
      if (update !== undefined && /paused|rollback_completed/.test(update.State)) {
        throw new Error(`service update ended as ${update.State}: ${update.Message}${lastErrors(tasks)}`);
      }
      if (running === wanted && !/updating|rollback_started/.test(update?.State ?? "")) {
        return;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `Service with ID (${id}) did not converge after ${String(config.timeout)}: ${String(running)} of ${String(wanted)} tasks run${lastErrors(tasks)}`,
        );
      }
      log.status(`${String(running)} of ${String(wanted)} tasks run`);
      await sleep(POLL_MS, signal);
    }
  };

  return bridged({
    shape: serviceShape,
    schemaVersion: 2,
    autoName: true,

    async create(inputs, call) {
      const body = request(serviceSpec(inputs));
      // With one argument, the client would send the whole of it as the login for the registry.
      const made = await engine()
        .docker.createService(authFor(inputs) as never, body as Docker.CreateServiceOptions)
        .catch((error: unknown) => {
          throw new Error(`Unable to create service: ${reason(error)}`, { cause: error });
        });
      const { id } = made as unknown as { id: string };
      try {
        await converge(id, inputs, call);
      } catch (error) {
        // As the real plugin: a service that does not converge is not kept.
        await engine().docker.getService(id).remove();
        throw error;
      }
      return id;
    },

    async read(id) {
      try {
        const found = await inspect(id);
        return { id: found.ID, live: serviceState(found as unknown as Props) };
      } catch (error) {
        if (isNotFound(error)) {
          return undefined;
        }
        throw error;
      }
    },

    async update(id, _olds, inputs, call) {
      const { Version } = await inspect(id);
      const body = request(serviceSpec(inputs), { version: Version.Index });
      const found = engine().docker.getService(id) as unknown as {
        update(auth: object | undefined, body: object): Promise<unknown>;
      };
      await found.update(authFor(inputs), body).catch((error: unknown) => {
        throw new Error(`Unable to update service: ${reason(error)}`, { cause: error });
      });
      await converge(id, inputs, call);
    },

    async delete(id) {
      try {
        await engine().docker.getService(id).remove();
      } catch (error) {
        if (!isNotFound(error)) {
          throw new Error(`Error deleting service with ID '${id}': ${reason(error)}`, { cause: error });
        }
      }
    },
  });
}

/** Why tasks failed, the latest three, each once. */
function lastErrors(tasks: readonly Task[]): string {
  const errors = tasks
    .filter((task) => task.Status.Err !== undefined)
    .sort((a, b) => (a.Status.Timestamp < b.Status.Timestamp ? 1 : -1))
    .map((task) => `${task.Status.State}: ${task.Status.Err ?? ""}`);
  const last = [...new Set(errors)].slice(0, 3).map((line) => `  ${line}`);
  return last.length === 0 ? "" : `\nlast task errors:\n${last.join("\n")}`;
}
