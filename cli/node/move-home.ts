/** Moves a person's home, where homes are volumes of one node: a copy through the Docker API, compared, then the old one goes. */
import type Docker from "dockerode";

import { keyName } from "../../config/keys";
import { ignoring } from "../../docker-api/errors";
import { ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../../docker-api/naming";
import { type NodeAnswer, nodesOf } from "../../docker-api/swarm";
import { SetupError } from "../../setup/errors";
import { copyAll } from "../home/copy";
import { MOUNT } from "../home/files";
import { findNode, serversOf, updateNode } from "./cluster";
import type { NodeEngine } from "./engines";

/** A person's volumes on a node: the home, and others that are the person's own. */
interface Found {
  readonly node: NodeEngine;
  readonly volumes: readonly Docker.VolumeInspectInfo[];
}

/**
 * Label of the node that a home was moved to, which the hub reads: newer than what it remembers itself.
 * @param user name as in names of volumes
 */
export const homeLabel = (prefix: string, user: string): string => `org.jupyterhub.home.${prefix}.${user}`;

async function volumesOf(node: NodeEngine, prefix: string, user: string): Promise<Found> {
  const filters = JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`, `${USER_LABEL}=${user}`] }) as never;
  const { Volumes } = await node.docker.listVolumes({ filters });
  return { node, volumes: Volumes };
}

/** Copies a volume and compares both; what was made for a copy that is none goes again. */
async function copy(
  from: NodeEngine,
  to: NodeEngine,
  prefix: string,
  volume: Docker.VolumeInspectInfo,
): Promise<number> {
  const { Name, Driver, Labels } = volume;
  await to.docker.createVolume({ Name, Driver, Labels });
  const mount = { Type: "volume", Source: Name, Target: MOUNT } as const;
  try {
    return await copyAll(
      { prefix },
      { engine: from, mount },
      { engine: to, mount },
      `${Name}: the copy on ${to.name} is not what is on ${from.name}`,
    );
  } catch (error) {
    await to.docker
      .getVolume(Name)
      .remove()
      .catch(() => undefined);
    throw error;
  }
}

/** Removes a volume. A Swarm keeps containers that have ended for a while, and they keep the volume. */
async function removeVolume({ docker }: NodeEngine, name: string): Promise<void> {
  const users = await docker.listContainers({ all: true, filters: { volume: [name] } });
  for (const { Id, State } of users) {
    if (State !== "running") {
      await docker.getContainer(Id).remove().catch(ignoring(404, 409));
    }
  }
  await docker.getVolume(name).remove();
}

/** Sets the label on one node and takes it from all others. */
async function setLabel(manager: Docker, nodes: readonly NodeAnswer[], label: string, at: string) {
  for (const { ID, Spec } of nodes) {
    const { [label]: has, ...others } = Spec.Labels ?? {};
    if (ID === at) {
      await updateNode(manager, ID, { Labels: { ...others, [label]: "here" } });
    } else if (has !== undefined) {
      await updateNode(manager, ID, { Labels: others });
    }
  }
}

export interface MoveArgs {
  readonly manager: Docker;
  /** All nodes whose engines can be asked. */
  readonly nodes: readonly NodeEngine[];
  readonly prefix: string;
  readonly user: string;
  /** Name of the node that is to have the home. */
  readonly to: string;
}

/** @throws Error with what is in the way; nothing is lost then. */
export async function moveHome({ manager, nodes, prefix, user, to }: MoveArgs, say: (line: string) => void) {
  const { ID, Status, Spec } = await findNode(manager, to);
  const target = nodes.find(({ name }) => name === to);
  if (target === undefined) {
    throw new SetupError(`${to}: is not in ${keyName("swarm.nodes")}, so its engine cannot be reached`);
  }
  if (Status.State !== "ready" || Spec.Availability !== "active") {
    throw new SetupError(
      `${to}: expected a node that accepts servers, got one that is ${Status.State}, ${Spec.Availability}`,
    );
  }
  if ((await serversOf(manager, prefix)).some((server) => server.user === user)) {
    throw new SetupError(
      `${user}: has a running server. Stop it in the hub (Admin, Stop Server), then move the home again.`,
    );
  }
  const found = (await Promise.all(nodes.map((node) => volumesOf(node, prefix, user)))).filter(
    ({ volumes }) => volumes.length > 0,
  );
  const home = found.flatMap(({ volumes }) => volumes).find(({ Labels }) => Labels[ROLE_LABEL] === "home");
  const [source] = found;
  if (source === undefined || home === undefined) {
    throw new SetupError(`${user}: has no home on any node`);
  }
  if (found.length > 1) {
    const names = found.map(({ node }) => node.name).join(", ");
    throw new SetupError(
      `${user}: has homes on ${names}. Keep the right one and remove the others, on their nodes, with: docker volume rm ${home.Name}`,
    );
  }
  if (source.node.name === to) {
    throw new SetupError(`${user}: already has the home on ${to}`);
  }

  for (const volume of source.volumes) {
    const count = await copy(source.node, target, prefix, volume);
    say(`${volume.Name}: ${count} files and folders copied from ${source.node.name} to ${to}, and compared`);
  }
  const label = homeLabel(prefix, home.Name.slice(`${prefix}-home-`.length));
  await setLabel(manager, await nodesOf(manager), label, ID);
  for (const { Name } of source.volumes) {
    await removeVolume(source.node, Name);
  }
  say(`${user}: the next server starts on ${to}`);
}
