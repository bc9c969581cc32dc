/**
 * Compares the engine with what the last update made there, so that what is gone or was changed by hand is shown at
 * preview and put right by the update: whoever runs it, and without a refresh, which sees no images.
 */
import * as pulumi from "@pulumi/pulumi";

import type { Kept } from "../../components/generated";
import { paths } from "../../components/hub/settings/paths";
import { allLimits, type ConfigOf, type HubConfig, largestLimits } from "../../config";
import type { Address } from "../../docker-api/client";
import { ask, withConnection } from "../../docker-api/get";
import { plain } from "../../docker-api/plain";
import type { SwarmInfo } from "../../docker-api/swarm";
import { dockerAddress } from "../docker-host";
import { removeContainer, removeNetwork, removeService } from "./clear";
import { type Drift, findDrift } from "./compare";
import { type LookAt, lookAt, type Standing } from "./engine";
import { restoredRules } from "./firewall";
import { lostDatabase, withHub } from "./hub";
import { keepServers } from "./keep-servers";
import { CONFIG, CONTAINER, NETWORK, SECRET, SERVICE } from "./kinds";
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
import { JOIN, lookAtNodes, type NodeLook } from "./nodes";
import { correctServers, lookAtPeople, type People, serverSentence } from "./people";
import { recreate } from "./recreate";
import { filesOfTask } from "./task-files";

export interface Look {
  /** Of the engine that was looked at. */
  readonly address: Address;
  readonly made: readonly Made[];
  readonly drift: readonly Drift[];
  /** Containers and networks of the stack on the engine. */
  readonly standing: readonly Standing[];
  /** Secrets that the stack goes on with instead of new ones. */
  readonly kept: Kept;
  /** People's servers on one host that were changed. */
  readonly servers: People["servers"];
  /** What is not as configured, and not for an update to change. */
  readonly notices: readonly string[];
}

const NOBODY: People = { servers: [], routes: { missing: [], stale: [] } };

/** @throws Error where the engine does not answer, or not as a Docker Engine. */
export async function lookForDrift(config: HubConfig, before: Promise<readonly Made[]>): Promise<Look> {
  const made = await before;
  const address = dockerAddress(config.docker, process.env);
  return withConnection(address, async (get) => {
    const engine = lookAt(get);
    const isSwarm = config.variant === "swarm";
    const listed = engine.standing(config.name, isSwarm);
    const largest = largestLimits(allLimits(config));
    const [drift, standing, people, rules] = await Promise.all([
      findDrift(made, engine, config.name),
      listed,
      // In a Swarm the engine keeps services as they are, and each node has a firewall of its own.
      isSwarm ? NOBODY : listed.then((all) => lookAtPeople(config.name, made, all, { engine, largest })),
      isSwarm ? [] : listed.then((all) => restoredRules(all, engine)),
    ]);
    const unknown = unknownToState(made, standing);
    const kept =
      unknown.length === 0
        ? keptBefore(made)
        : secretsOf(config, await hubFiles(config, { address, engine, unknown }));
    const nodes = config.variant === "swarm" ? await nodesLook(config, address, engine, made) : NO_NODES;
    return {
      address,
      made,
      drift: withHub(
        [...drift, ...nodes.drift],
        [...lostDatabase(drift, config.name), ...people.routes.missing],
        config.name,
        made,
      ),
      standing,
      kept,
      servers: people.servers,
      notices: [...nodes.notices, ...rules, ...people.routes.stale],
    };
  });
}

const NO_NODES: NodeLook = { drift: [], notices: [] };

/** Of a stack that is there. A machine that is down in the Swarm may have left it: only its own engine knows. */
async function nodesLook(
  { swarm }: ConfigOf<"swarm">,
  { tls }: Address,
  engine: LookAt,
  made: readonly Made[],
): Promise<NodeLook> {
  const nodes = made.some(({ name }) => name === JOIN) ? await engine.nodes() : undefined;
  if (nodes === undefined) {
    return NO_NODES;
  }
  const isReady = (name: string) =>
    nodes.some(({ Description, Status }) => Description.Hostname === name && Status.State === "ready");
  const asked = await Promise.all(
    swarm.nodes
      .filter(({ name }) => !isReady(name))
      .map(async ({ name, host }) => ((await isOutside({ host, tls })) ? [name] : [])),
  );
  const left = new Set(asked.flat());
  return lookAtNodes(swarm, nodes, (name) => left.has(name), pulumi.getStack());
}

/** Whether an engine says that it is in no Swarm. */
async function isOutside(address: Address): Promise<boolean> {
  try {
    const { body } = await ask(address, "/info", { timeout: 3000 });
    const { Swarm } = JSON.parse(body.toString()) as Partial<SwarmInfo>;
    return Swarm?.LocalNodeState === "inactive";
  } catch {
    // It is down, and stays a node.
    return false;
  }
}

/** Whether the engine has a hub of the stack, which an update could harm. */
export const hasHub = ({ standing }: Look): boolean =>
  standing.some(({ kind, role }) => (kind === "container" || kind === "service") && role === "hub");

/**
 * Sees to it that the resources that follow are made again where the look found a difference, or taken over where the
 * state does not know them.
 *
 * @returns secrets that the stack goes on with
 * @throws pulumi.RunError where the state knows nothing of a stack that is there, and no take-over was asked for
 */
export async function correctDrift(config: HubConfig, look: Look): Promise<Kept> {
  const { address, made, drift, standing, kept, servers, notices } = look;
  for (const sentence of [...servers.map(serverSentence), ...notices]) {
    void pulumi.log.warn(plain(sentence));
  }
  refuseWithoutRefresh(drift);
  const unknown = unknownToState(made, standing);
  if (unknown.length > 0) {
    askedForTakeOver(config.name, unknown, standing);
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
    ...standing
      .filter(({ kind, id, role }) => kind === "service" && role !== "user" && !ids.has(id))
      .map(({ name, id }) => [`${SERVICE} ${name}`, () => removeService(address, id)] as const),
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
  const networksToCome = new Set(drift.flatMap((one) => (one.type === NETWORK ? [one.physicalName] : [])));
  if (!pulumi.runtime.isDryRun()) {
    await correctServers(address, servers, (name) => name === undefined || !networksToCome.has(name));
  }
  keepServers(config.name, made, drift);
  recreate({
    made,
    drift,
    now: `${new Date().toISOString().slice(0, 19)}Z`,
    // Also one that an interrupted run made and did not note: of two with one name containers would join either.
    takeOver: (type, name) => {
      const kind = type === NETWORK ? "network" : "volume";
      return known(type, name) ? undefined : standing.find((one) => one.kind === kind && one.name === name);
    },
    // Pulumi removes only what it knows. What is in the way of another one still has the secrets.
    clear: (type, name, turn) => {
      const remove = inTheWay.get(`${type} ${name}`);
      return remove === undefined || pulumi.runtime.isDryRun()
        ? undefined
        : Promise.all([saved, turn]).then(remove);
    },
    networkMade: (name) =>
      networksToCome.has(name) ? correctServers(address, servers, (network) => network === name) : undefined,
  });
  return kept;
}

/** What the Docker provider cannot create again: it fails where it is to remove a service, secret or config that is gone. */
function refuseWithoutRefresh(drift: readonly Drift[]): void {
  const gone = drift.filter(
    ({ type, isThere }) => isThere !== true && (type === SERVICE || type === SECRET || type === CONFIG),
  );
  if (gone.length > 0 && !pulumi.runtime.isDryRun()) {
    const stack = pulumi.getStack();
    throw new pulumi.RunError(
      [
        ...gone.map(({ object, changes }) => `${object}: ${changes.join("; ")}.`),
        `Pulumi cannot recreate them before its state follows. ./up ${stack} does both; without it, run first:  ` +
          `pulumi refresh --yes --stack ${stack}`,
      ].join("\n"),
    );
  }
}

/** Files of the secrets in the hub that is there; undefined where none is, or none that can be asked. */
async function hubFiles(
  config: HubConfig,
  at: { readonly address: Address; readonly engine: LookAt; readonly unknown: readonly Standing[] },
): Promise<Buffer | undefined> {
  const hub = at.unknown.find(({ role }) => role === "hub");
  if (hub === undefined) {
    return undefined;
  }
  return config.variant === "swarm"
    ? filesOfTask({ address: at.address }, hub.name, config.swarm.nodes)
    : at.engine.archive(hub.id, paths.secrets);
}

function askedForTakeOver(prefix: string, unknown: readonly Standing[], standing: readonly Standing[]): void {
  if (!process.env[TAKE_OVER]) {
    throw new pulumi.RunError(
      lostStateProblem(pulumi.getStack(), prefix, unknown, standing.filter(isServer).length),
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
