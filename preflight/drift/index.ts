/**
 * Compares the engine with what the last update made there, so that what is gone or was changed by hand is shown at
 * preview and put right by the update: whoever runs it, and without a refresh, which sees no images.
 */
import * as pulumi from "@pulumi/pulumi";

import type { Kept } from "../../components/generated";
import type { HubConfig } from "../../config";
import type { Address } from "../../docker-api/client";
import { withConnection } from "../../docker-api/get";
import { dockerAddress } from "../docker-host";
import { removeContainer, removeNetwork } from "./clear";
import { type Drift, findDrift } from "./compare";
import { lookAt, type Standing } from "./engine";
import { CONTAINER, NETWORK } from "./kinds";
import {
  isServer,
  keep,
  keptBefore,
  lostStateProblem,
  secretsOf,
  TAKE_OVER,
  unknownToState,
} from "./lost-state";
import type { Made } from "./made";
import { recreate } from "./recreate";

export interface Look {
  /** Of the engine that was looked at. */
  readonly address: Address;
  readonly made: readonly Made[];
  readonly drift: readonly Drift[];
  /** Containers and networks of the stack on the engine. */
  readonly standing: readonly Standing[];
  /** Secrets that the stack goes on with instead of new ones. */
  readonly kept: Kept;
}

/** @throws Error where the engine does not answer, or not as a Docker Engine. */
export async function lookForDrift(config: HubConfig, before: Promise<readonly Made[]>): Promise<Look> {
  const made = await before;
  const address = dockerAddress(config.docker, process.env);
  return withConnection(address, async (get) => {
    const engine = lookAt(get);
    const [drift, standing] = await Promise.all([
      findDrift(made, engine, config.name),
      engine.standing(config.name),
    ]);
    const unknown = unknownToState(made, standing);
    const hub = unknown.find(({ kind, role }) => kind === "container" && role === "hub");
    const kept = unknown.length === 0 ? keptBefore(made) : await secretsOf(config, hub, engine);
    return { address, made, drift, standing, kept };
  });
}

/**
 * Sees to it that the resources that follow are made again where the look found a difference, or taken over where the
 * state does not know them.
 *
 * @returns secrets that the stack goes on with
 * @throws pulumi.RunError where the state knows nothing of a stack that is there, and no take-over was asked for
 */
export async function correctDrift(config: HubConfig, look: Look): Promise<Kept> {
  const { address, made, drift, standing, kept } = look;
  const unknown = unknownToState(made, standing);
  if (unknown.length > 0) {
    askedForTakeOver(config, unknown, standing);
  }
  const saved = Object.keys(kept).length === 0 ? Promise.resolve() : keep(kept);
  if (unknown.length > 0) {
    await announce(config, kept);
  }
  const ids = new Set(made.map(({ outputs }) => outputs["id"]));
  const known = (type: string, name: string) =>
    made.some((one) => one.type === type && one.outputs["name"] === name);
  const containers = standing.filter(({ kind }) => kind === "container");
  const inTheWay = new Map<string, () => Promise<void>>([
    ...containers
      .filter(({ id, role }) => role !== "user" && !ids.has(id))
      .map(({ name, id }) => [`${CONTAINER} ${name}`, () => removeContainer(address, id)] as const),
    ...drift.flatMap(({ type, physicalName, inTheWay: id }) =>
      type !== NETWORK || id === undefined
        ? []
        : [
            [
              `${NETWORK} ${physicalName}`,
              () => removeNetwork(address, id, new Set(containers.map((one) => one.id))),
            ] as const,
          ],
    ),
  ]);
  recreate({
    made,
    drift,
    now: `${new Date().toISOString().slice(0, 19)}Z`,
    // Also one that an interrupted run made and did not note: of two with one name containers would join either.
    takeOver: (type, name) => {
      const kind = type === NETWORK ? "network" : "volume";
      return known(type, name) ? undefined : standing.find((one) => one.kind === kind && one.name === name);
    },
    // Pulumi removes only the container that it knows. What is in the way of another one still has the secrets.
    clear: (type, name) => {
      const remove = inTheWay.get(`${type} ${name}`);
      return remove === undefined || pulumi.runtime.isDryRun() ? undefined : saved.then(remove);
    },
  });
  return kept;
}

function askedForTakeOver(
  { name, variant }: HubConfig,
  unknown: readonly Standing[],
  standing: readonly Standing[],
): void {
  const stack = pulumi.getStack();
  if (!process.env[TAKE_OVER]) {
    throw new pulumi.RunError(lostStateProblem(stack, name, unknown, standing.filter(isServer).length));
  }
  if (variant === "swarm") {
    throw new pulumi.RunError(
      `--take-over: expected a stack on one host, got a Swarm, whose secrets cannot be read back. Remove its services, ` +
        `not the volumes, with: ./hub objects remove --stack ${stack}   then bring it up again`,
    );
  }
}

async function announce({ name }: HubConfig, kept: Kept): Promise<void> {
  await pulumi.log.warn(
    `Taking over "${name}": its networks stay with the servers on them, volumes are used again, and the stack's own ` +
      "containers are recreated. " +
      (Object.keys(kept).length === 0
        ? "There is no hub's container to read secrets from, so passwords and the cookie secret are new, and everybody logs in again."
        : "Passwords and the cookie secret stay as they are.") +
      " A self-signed certificate gets a new authority.",
  );
}
