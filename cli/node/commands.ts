/** What an administrator does with a node: look, add, drain, remove. */
import type Docker from "dockerode";

import { addressOf, nodesOf } from "../../docker-api/swarm";
import { formSwarm } from "../../tasks/swarm/membership";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { PRE_PULLER_ROLE, preparedNodes } from "../../tasks/swarm/prepared";
import { shownName } from "../../config/names";
import { table } from "../stack";
import { findNode, losesQuorum, serversOn, taskCount, updateNode } from "./cluster";
import { machine, openNodes } from "./engines";
import { moveHome } from "./move-home";
import { leaveNotices, NOTICE } from "./notice";
import type { StackFile } from "./stack-file";

export interface Options {
  /** Seconds to wait for users to end their servers before they are moved; 0 for none. */
  readonly wait: number;
  /** What people with a server on the node are told; undefined for nothing. */
  readonly notice: string | undefined;
  /** Node for a home that is moved. */
  readonly to: string | undefined;
  /** Seconds in which a node has to be empty, or ready. */
  readonly timeout: number;
}

type Say = (line: string) => void;
type Command = (stack: StackFile, name: string, options: Options, say: Say) => Promise<void>;

async function until(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`${what}: not after ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function list(stack: StackFile, say: Say): Promise<void> {
  const docker = await machine(stack);
  const [nodes, prepared] = await Promise.all([nodesOf(docker), preparedNodes(docker, stack.prefix)]);
  const rows = await Promise.all(
    nodes.map(async (node) => [
      node.Description.Hostname,
      node.ManagerStatus?.Leader === true ? "manager*" : node.Spec.Role,
      addressOf(node),
      node.Status.State,
      node.Spec.Availability,
      prepared.has(node.ID) ? "yes" : "no",
      (await serversOn(docker, node.ID, stack.prefix)).map(({ user }) => shownName(user)).join(" ") || "-",
    ]),
  );
  const heading = ["NODE", "ROLE", "ADDRESS", "STATE", "AVAILABILITY", "IMAGES", "USERS"];
  say(table([heading, ...rows.sort((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1))]).trimEnd());
}

/** Joins a machine of the stack's file, or opens one that was drained; returns when it has the images. */
const add: Command = async (stack, name, { timeout }, say) => {
  const docker = await machine(stack);
  const member = stack.members.find((one) => one.name === name);
  if (member !== undefined) {
    await formSwarm((host) => machine(stack, host), stack.advertise, [member], say);
  }
  await findNode(docker, name).catch((error: unknown) => {
    throw new Error(
      `${(error as Error).message}. To join it, write it into jupyterhub:swarm.nodes with name and host.`,
    );
  });
  await updateNode(docker, name, { Availability: "active" });
  const { ID } = await findNode(docker, name);
  const filters = JSON.stringify({
    label: [`${STACK_LABEL}=${stack.prefix}`, `${ROLE_LABEL}=${PRE_PULLER_ROLE}`],
  });
  if ((await docker.listServices({ filters })).length > 0) {
    say(`${name}: bringing images`);
    await until(
      `${name} has the images (is it excluded by jupyterhub:swarm.notebooks.constraints?)`,
      timeout,
      async () => (await preparedNodes(docker, stack.prefix)).has(ID),
    );
  }
  say(`${name}: takes servers`);
};

/** Moves a person's home to another node, where homes are local to nodes. */
const move: Command = async (stack, user, { to }, say) => {
  if (to === undefined) throw new Error("expected the node that is to have the home: --to NODE");
  if (!stack.pinned) throw new Error("expected homes of kind local: others are on every node already");
  const nodes = await openNodes(stack);
  await moveHome({ manager: await machine(stack), nodes, prefix: stack.prefix, user, to }, say);
};

/** Closes a node, waits for its users if it shall, moves what is left to other nodes, and sees that it is empty. */
const drain: Command = async (stack, name, { wait, timeout, notice }, say) => {
  const docker = await machine(stack);
  const node = await findNode(docker, name);
  const others = (await nodesOf(docker)).filter(
    ({ ID, Status, Spec }) => ID !== node.ID && Status.State === "ready" && Spec.Availability === "active",
  );
  if (others.length === 0) throw new Error(`${name}: is the only node that takes tasks; nothing could move`);
  const users = async (): Promise<string[]> =>
    (await serversOn(docker, node.ID, stack.prefix)).map(({ user }) => shownName(user));
  const affected = await users();
  say(`${name}: ${affected.length === 0 ? "no notebook servers" : `servers of ${affected.join(", ")}`}`);
  if (affected.length > 0 && stack.pinned) {
    say(
      `${name}: has the homes of ${affected.join(", ")}: their servers start again when it is back, or when`,
    );
    say(`their homes are moved: npm run node -- move-home USER --to NODE`);
  }
  if (notice !== undefined && affected.length > 0) {
    const own = (await openNodes(stack)).find((one) => one.name === node.Description.Hostname);
    if (own === undefined)
      throw new Error(`${name}: is not in jupyterhub:swarm.nodes, so it cannot be asked`);
    const { prefix, mountPath: folder, owner } = stack;
    const count = await leaveNotices({ docker: own.docker, prefix, text: notice, folder, owner });
    say(`${name}: left the notice in ${count} servers, as ${NOTICE}`);
  }
  if (wait > 0 && affected.length > 0) {
    await updateNode(docker, name, { Availability: "pause" });
    say(`${name}: takes no new servers; waiting up to ${wait} s for its users to stop theirs`);
    await until("", wait, async () => (await users()).length === 0).catch(async () => {
      say(`${name}: still there: ${(await users()).join(", ")}. Their servers start anew on other nodes`);
    });
  }
  await updateNode(docker, name, { Availability: "drain" });
  await until(`${name} is empty`, timeout, async () => (await taskCount(docker, node.ID)) === 0);
  say(`${name}: drained and empty`);
};

/** Takes an empty or dead node out of the Swarm. */
const remove: Command = async (stack, name, { timeout }, say) => {
  const docker = await machine(stack);
  const node = await findNode(docker, name);
  if (losesQuorum(await nodesOf(docker), node)) {
    throw new Error(`${name}: is a manager without which the others are no majority. Add managers first.`);
  }
  const isDown = async (): Promise<boolean> => (await findNode(docker, node.ID)).Status.State === "down";
  if (!(await isDown()) && (await taskCount(docker, node.ID)) > 0) {
    throw new Error(`${name}: is not empty. First: npm run node -- drain ${name}`);
  }
  if (node.Spec.Role === "manager") {
    await updateNode(docker, node.ID, { Role: "worker" });
    await until(`${name} is a worker`, timeout, async () => {
      return (await findNode(docker, node.ID)).ManagerStatus === undefined;
    });
  }
  const member = stack.members.find((one) => one.name === name);
  if (!(await isDown()) && member !== undefined) {
    await leave(await machine(stack, member.host));
    await until(`${name} has left`, timeout, isDown);
  }
  await docker.getNode(node.ID).remove({ force: true });
  say(
    `${name}: removed. Take it out of jupyterhub:swarm.nodes too, or the next \`up\` of that list joins it again`,
  );
};

async function leave(docker: Docker): Promise<void> {
  await docker.swarmLeave({ force: true });
}

export const commands: Readonly<Record<string, Command>> = {
  list: (stack, _name, _options, say) => list(stack, say),
  add,
  drain,
  remove,
  "move-home": move,
};
