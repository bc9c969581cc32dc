/** docker.Container */
import type Docker from "dockerode";

import { demultiplex } from "../../../../docker-api/logs";
import type { Props, ResourceDefinition } from "../../lib/serve";
import { bridged, type Call, type EngineResource, HalfMade } from "../bridge/resource";
import { canonical, isZero } from "../bridge/shape";
import { type Connection, hasStatus, isNotFound, reason, request, sleep, unlessMissing } from "../connection";
import { findOrPull } from "../remote-image";
import { changeableLimits, createBody, endpoint } from "./create";
import { containerShape } from "./shape";
import { containerState } from "./state";
import { uploadArchive } from "./uploads";

const HEALTH_POLL_MS = 250;

/** Fields that `docker update` changes. */
const UPDATED_IN_PLACE = [
  "restart",
  "maxRetryCount",
  "cpuShares",
  "memory",
  "memoryReservation",
  "cpuSet",
  "memorySwap",
  "deviceReadBps",
  "deviceReadIops",
  "deviceWriteBps",
  "deviceWriteIops",
];

export function container(engine: () => Connection): ResourceDefinition {
  const get = (id: string): Docker.Container => engine().docker.getContainer(id);
  /** Logs that `attach` with `logs` collected, until the state is read. */
  const collected = new Map<string, string>();

  const resource: EngineResource = {
    shape: containerShape,
    schemaVersion: 2,
    autoName: true,
    deleteBeforeReplace: true,
    readAfterUpdate: false,

    async create(inputs, call) {
      const image = inputs.image as string;
      await findOrPull(engine(), image, "", call).catch((error: unknown) => {
        throw new Error(`Unable to create container with image ${image}: ${reason(error)}`, { cause: error });
      });
      const { name, platform, ...body } = createBody(inputs);
      const made = await engine()
        .docker.createContainer(request(body, { name, ...(platform === undefined ? {} : { platform }) }))
        .catch((error: unknown) => {
          throw new Error(`Unable to create container: ${reason(error)}`, { cause: error });
        });
      try {
        await connect(made, inputs);
        await upload(made, inputs);
        await run(made, inputs, call);
      } catch (error) {
        throw new HalfMade(made.id, error as Error);
      }
      return made.id;
    },

    async read(id, known) {
      const found = await unlessMissing(get(id).inspect());
      if (found === undefined) {
        return undefined;
      }
      const logs = collected.get(found.Id);
      return {
        id: found.Id,
        live: { ...containerState(found, known), ...(logs === undefined ? {} : { containerLogs: logs }) },
      };
    },

    async update(id, olds, inputs) {
      if (olds.mustRun === false && inputs.mustRun === true && inputs.start === true) {
        await get(id)
          .start()
          .catch((error: unknown) => {
            throw new Error(`Unable to start container: ${reason(error)}`, { cause: error });
          });
      }
      if (UPDATED_IN_PLACE.some((name) => changed(name, olds, inputs))) {
        const limits = Object.fromEntries(
          Object.entries(changeableLimits(inputs)).filter(([, value]) => !isZero(value)),
        );
        await get(id)
          .update({
            ...limits,
            RestartPolicy: { Name: inputs.restart, MaximumRetryCount: inputs.maxRetryCount ?? 0 },
          })
          .catch((error: unknown) => {
            throw new Error(`Unable to update a container: ${reason(error)}`, { cause: error });
          });
      }
    },

    async delete(id, state) {
      try {
        if (state.attach !== true) {
          // 304: stopped already.
          await get(id)
            .stop({ t: typeof state.destroyGraceSeconds === "number" ? state.destroyGraceSeconds : 0 })
            .catch((error: unknown) => {
              if (!hasStatus(error, 304)) {
                throw error;
              }
            });
        }
        await get(id).remove({ v: state.removeVolumes === true, force: true });
      } catch (error) {
        // 409: the engine removes it already (`rm`).
        if (!isNotFound(error) && !hasStatus(error, 409)) {
          throw new Error(`Error deleting container ${id}: ${reason(error)}`, { cause: error });
        }
      }
      await get(id)
        .wait({ condition: "removed" })
        .catch((error: unknown) => {
          if (!isNotFound(error)) {
            throw error;
          }
        });
    },
  };

  const connect = async (made: Docker.Container, inputs: Props): Promise<void> => {
    const networks = (inputs.networksAdvanced ?? []) as Props[];
    if (networks.length === 0) {
      return;
    }
    await engine()
      .docker.getNetwork("bridge")
      .disconnect({ Container: made.id })
      .catch((error: unknown) => {
        if (!reason(error).includes("is not connected to")) {
          throw new Error(`Unable to disconnect the default network: ${reason(error)}`, { cause: error });
        }
      });
    for (const network of networks) {
      const name = network.name as string;
      await engine()
        .docker.getNetwork(name)
        .connect({ Container: made.id, EndpointConfig: endpoint(network) })
        .catch((error: unknown) => {
          throw new Error(`Unable to connect to network '${name}': ${reason(error)}`, { cause: error });
        });
    }
  };

  const upload = async (made: Docker.Container, inputs: Props): Promise<void> => {
    const uploads = (inputs.uploads ?? []) as Props[];
    if (uploads.length === 0) {
      return;
    }
    const archive = await uploadArchive(uploads);
    await made.putArchive(archive, { path: "/" }).catch((error: unknown) => {
      throw new Error(`Unable to upload volume content: ${reason(error)}`, { cause: error });
    });
  };

  const run = async (made: Docker.Container, inputs: Props, call: Call): Promise<void> => {
    if (inputs.start === true) {
      await made.start().catch((error: unknown) => {
        throw new Error(`Unable to start container: ${reason(error)}`, { cause: error });
      });
      if (inputs.wait === true) {
        await waitUntilHealthy(made, inputs.waitTimeout as number, call);
      }
    }
    if (inputs.attach === true) {
      await made.wait({ condition: "not-running", abortSignal: call.signal });
      if (inputs.logs === true) {
        collected.set(made.id, await logsOf(made, inputs.tty === true));
      }
    }
  };

  return bridged(resource);
}

const changed = (name: string, olds: Props, inputs: Props): boolean => {
  const field = containerShape[name];
  return field !== undefined && canonical(field, olds[name]) !== canonical(field, inputs[name]);
};

async function waitUntilHealthy(
  made: Docker.Container,
  seconds: number,
  { log, signal }: Call,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let told = "";
  for (;;) {
    const { State: state } = await made.inspect();
    const health = state.Health?.Status;
    if (health === undefined) {
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. Please remove the 'wait' argument or add a 'healthcheck' attribute",
      );
    }
    if (health === "healthy") {
      return;
    }
    if (Date.now() > deadline) {
      const last = state.Health?.Log.at(-1)?.Output.trim();
      throw new Error(
        [
          `container failed to be in healthy state: ${state.Status}, ${health} after ${String(seconds)} s` +
            (state.Running ? "" : `, exit code ${String(state.ExitCode)}`),
          ...(last ? [`last health check: ${last}`] : []),
        ].join("\n"),
      );
    }
    const status = `${state.Status}, ${health}`;
    if (status !== told) {
      log.status(`waiting until it is healthy (${status})`);
      told = status;
    }
    await sleep(HEALTH_POLL_MS, signal);
  }
}

/** All that a container wrote so far. */
async function logsOf(made: Docker.Container, tty: boolean): Promise<string> {
  const raw = await made.logs({ stdout: true, stderr: true, follow: false });
  return tty ? raw.toString() : demultiplex(raw);
}
