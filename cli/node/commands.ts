/** What an administrator does with a node: look, add, drain, remove. */
import type Docker from "dockerode";

import { keyName } from "../../config/keys";
import { shownName } from "../../config/values/names";
import { messageOf } from "../../docker-api/errors";
import { addressOf, nodesOf } from "../../docker-api/swarm";
import { until } from "../../docker-api/wait";
import { SetupError } from "../../setup/errors";
import { hubCommand } from "../../setup/stacks";
import { formSwarm } from "../../tasks/swarm/membership";
import { FIREWALL_ROLE, nodesWith, PRE_PULLER_ROLE, preparedNodes } from "../../tasks/swarm/prepared";
import { table } from "../../tasks/table";
import type { Answer } from "../answer";
import { findNode, losesQuorum, serversOn, taskCount, updateNode } from "./cluster";
import { machine, openNodes } from "./engines";
import { moveHome } from "./move-home";
import { leaveNotices, NOTICE } from "./notice";
import type { Swarm } from "./stack-file";

/** Seconds in which something has to have happened. */
interface TimeoutOptions {
  readonly timeout: number;
}

export interface DrainOptions extends TimeoutOptions {
  /** Seconds to wait for users to end their servers before they are moved; 0 for none. */
  readonly wait: number;
  /** What people with a server on the node are told; undefined for nothing. */
  readonly notice?: string | undefined;
}

/** Takes a line about what has been done. */
type Say = (line: string) => void;

/** @throws SetupError when it did not come true in so many seconds */
async function awaited(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
  if (!(await until(check, seconds * 1000))) {
    throw new SetupError(`expected within ${seconds} s that ${what}`);
  }
}

export async function list({ docker, prefix }: Swarm): Promise<Answer> {
  const [nodes, prepared] = await Promise.all([nodesOf(docker), preparedNodes(docker, prefix)]);
  const found = await Promise.all(
    nodes.map(async (node) => ({
      name: node.Description.Hostname,
      role: node.Spec.Role,
      leader: node.ManagerStatus?.Leader === true,
      address: addressOf(node),
      state: node.Status.State,
      availability: node.Spec.Availability,
      images: prepared.has(node.ID),
      users: (await serversOn(docker, node.ID, prefix)).map(({ user }) => user),
    })),
  );
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = found.map(({ name, role, leader, address, state, availability, images, users }) => [
    name,
    leader ? "manager*" : role,
    address,
    state,
    availability,
    images ? "yes" : "no",
    users.map(shownName).join(" ") || "-",
  ]);
  return {
    text: table([["NODE", "ROLE", "ADDRESS", "STATE", "AVAILABILITY", "IMAGES", "USERS"], ...rows]),
    json: found,
  };
}

/** Joins a machine of the stack's file, or opens one that was drained; returns when it has the images. */
export async function add(stack: Swarm, name: string, { timeout }: TimeoutOptions, say: Say): Promise<void> {
  const { docker } = stack;
  const member = stack.members.find((one) => one.name === name);
  if (member !== undefined) {
    await formSwarm((host) => machine(stack, host), stack.advertise, [member], say);
  }
  await findNode(docker, name).catch((error: unknown) => {
    throw new SetupError(
      `${messageOf(error)}. To join it, add it to ${keyName("swarm.nodes")} with its name and host.`,
    );
  });
  await updateNode(docker, name, { Availability: "active" });
  const { ID } = await findNode(docker, name);
  const runs = async (role: string): Promise<boolean | undefined> =>
    (await nodesWith(docker, stack.prefix, role))?.has(ID);
  if ((await runs(PRE_PULLER_ROLE)) !== undefined) {
    say(`${name}: waiting for its images`);
    await awaited(
      `${name} has the images (is it excluded by ${keyName("swarm.notebooks.constraints")}?)`,
      timeout,
      async () => (await runs(PRE_PULLER_ROLE)) === true,
    );
  }
  // The hub starts no server on a node before its firewall runs.
  if ((await runs(FIREWALL_ROLE)) === false) {
    say(`${name}: waiting for its firewall`);
    await awaited(`${name} has its firewall`, timeout, async () => (await runs(FIREWALL_ROLE)) !== false);
  }
  say(`${name}: accepts servers`);
}

/** Moves a person's home to another node, where homes are local to nodes. */
export async function move(stack: Swarm, user: string, to: string, say: Say): Promise<void> {
  if (!stack.pinned) {
    throw new SetupError("expected homes of kind local: other homes are on every node already");
  }
  const nodes = await openNodes(stack);
  await moveHome({ manager: stack.docker, nodes, prefix: stack.prefix, user, to }, say);
}

/** Closes a node, waits for its users if it shall, moves what is left to other nodes, and sees that it is empty. */
export async function drain(
  stack: Swarm,
  name: string,
  { wait, timeout, notice }: DrainOptions,
  say: Say,
): Promise<void> {
  const { docker } = stack;
  const node = await findNode(docker, name);
  const others = (await nodesOf(docker)).filter(
    ({ ID, Status, Spec }) => ID !== node.ID && Status.State === "ready" && Spec.Availability === "active",
  );
  if (others.length === 0) {
    throw new SetupError(`${name}: is the only node that accepts tasks, so its servers could not move`);
  }
  const users = async (): Promise<string[]> =>
    (await serversOn(docker, node.ID, stack.prefix)).map(({ user }) => shownName(user));
  const affected = await users();
  say(`${name}: ${affected.length === 0 ? "no notebook servers" : `servers of ${affected.join(", ")}`}`);
  if (affected.length > 0 && stack.pinned) {
    say(
      `${name}: has the homes of ${affected.join(", ")}: their servers start again once it is back, or once`,
    );
    say(`their homes are moved: ${hubCommand("node move-home USER --to NODE", stack.name)}`);
  }
  if (notice !== undefined && affected.length > 0) {
    const own = (await openNodes(stack)).find((one) => one.name === node.Description.Hostname);
    if (own === undefined) {
      throw new SetupError(`${name}: is not in ${keyName("swarm.nodes")}, so its engine cannot be reached`);
    }
    const { prefix, mountPath: folder, owner } = stack;
    const count = await leaveNotices({ docker: own.docker, prefix, text: notice, folder, owner });
    say(`${name}: left the notice in ${count} servers, as ${NOTICE}`);
  }
  if (wait > 0 && affected.length > 0) {
    await updateNode(docker, name, { Availability: "pause" });
    say(`${name}: accepts no new servers; waiting up to ${wait} s for its users to stop theirs`);
    if (!(await until(async () => (await users()).length === 0, wait * 1000))) {
      say(`${name}: still has servers of ${(await users()).join(", ")}. They restart on other nodes`);
    }
  }
  await updateNode(docker, name, { Availability: "drain" });
  await awaited(`${name} is empty`, timeout, async () => (await taskCount(docker, node.ID)) === 0);
  say(`${name}: drained and empty`);
}

/** Takes an empty or dead node out of the Swarm. */
export async function remove(
  stack: Swarm,
  name: string,
  { timeout }: TimeoutOptions,
  say: Say,
): Promise<void> {
  const { docker } = stack;
  const node = await findNode(docker, name);
  if (losesQuorum(await nodesOf(docker), node)) {
    throw new SetupError(`${name}: is a manager that the others need for a majority. Add managers first.`);
  }
  const isDown = async (): Promise<boolean> => (await findNode(docker, node.ID)).Status.State === "down";
  if (!(await isDown()) && (await taskCount(docker, node.ID)) > 0) {
    throw new SetupError(`${name}: is not empty. First: ${hubCommand(`node drain ${name}`, stack.name)}`);
  }
  if (node.Spec.Role === "manager") {
    await updateNode(docker, node.ID, { Role: "worker" });
    await awaited(`${name} is a worker`, timeout, async () => {
      return (await findNode(docker, node.ID)).ManagerStatus === undefined;
    });
  }
  const member = stack.members.find((one) => one.name === name);
  if (!(await isDown()) && member !== undefined) {
    await leave(await machine(stack, member.host));
    await awaited(`${name} has left`, timeout, isDown);
  }
  await docker.getNode(node.ID).remove({ force: true });
  say(`${name}: removed. Remove it from ${keyName("swarm.nodes")} too, or the next \`./up\` joins it again`);
}

async function leave(docker: Docker): Promise<void> {
  await docker.swarmLeave({ force: true });
}
