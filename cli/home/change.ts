/** `./hub home remove` and `rename`: nothing goes before it was saved or copied, and looked at. */
import { basename, dirname } from "node:path";

import { ignoring } from "../../docker-api/errors";
import { SetupError } from "../../setup/errors";
import { hubCommand } from "../../setup/stacks";
import type { Answer } from "../answer";
import type { NodeEngine } from "../node/engines";
import type { OpenStack } from "../stack";
import { copyAll } from "./copy";
import { MOUNT, runWith } from "./files";
import { type Home, type Homes, homesOf, runningContainers, usersOf } from "./homes";

/** A home of somebody whose server is stopped, and the node that has it. */
export interface Idle {
  readonly homes: Homes;
  readonly home: Home;
  readonly node: NodeEngine;
}

/** @throws SetupError where there is none, or its server runs */
export async function idleHome(stack: OpenStack, verb: string, user: string): Promise<Idle> {
  const homes = await homesOf(stack);
  const home = (await homes.list()).find((one) => one.user === user);
  const [node, ...others] = home?.nodes ?? [];
  if (home === undefined || node === undefined) {
    throw new SetupError(
      `${verb}: expected a person with a home, got ${user}.`,
      hubCommand("home list", stack.name),
    );
  }
  if (others.length > 0) {
    throw new SetupError(
      `${verb}: expected the home of ${user} on one node, but several have a volume ${home.name}.`,
      hubCommand("home list", stack.name),
    );
  }
  if (usersOf(await runningContainers(homes), home).length > 0) {
    throw new SetupError(
      `${verb}: expected no running server of ${user}, found one.`,
      hubCommand(`servers stop ${user}`, stack.name),
    );
  }
  return { homes, home, node };
}

/** Removes a home, and looks whether it is gone. What was to be saved of it is saved by now. */
export async function removeHome(stack: OpenStack, { homes, home, node }: Idle): Promise<void> {
  if (home.mount.Type === "bind") {
    const folder = { ...home.mount, Source: dirname(home.mount.Source) };
    await runWith(stack, node, folder, ["rm", "-rf", "--", `${MOUNT}/${basename(home.mount.Source)}`]);
  } else {
    // Containers of stopped servers keep the volume; the hub makes them anew.
    const filters = { volume: [home.mount.Source] };
    for (const { Id, State } of await node.docker.listContainers({ all: true, filters })) {
      if (State !== "running") {
        await node.docker.getContainer(Id).remove().catch(ignoring(404, 409));
      }
    }
    await node.docker.getVolume(home.mount.Source).remove().catch(ignoring(404));
  }
  if ((await homes.list()).some((one) => one.name === home.name && one.nodes.includes(node))) {
    throw new SetupError(`home: ${home.name} could not be removed.`);
  }
}

/** Gives a home to another name: of a person whose name at the login has changed, say. */
export async function renameHome(stack: OpenStack, from: string, to: string): Promise<Answer> {
  const idle = await idleHome(stack, "rename", from);
  const { homes, home, node } = idle;
  if ((await homes.list()).some((one) => one.user === to)) {
    throw new SetupError(
      `rename: expected that ${to} has no home, but there is one.`,
      `Save and remove that one first: ${hubCommand(`home remove ${to} ${to}.tar`, stack.name)}`,
    );
  }
  const target = await homes.make(to, node);
  let entries: number;
  try {
    entries = await copyAll(
      stack,
      { engine: node, mount: { ...home.mount, ReadOnly: true } },
      { engine: node, mount: target.mount },
      `rename: the copy in ${target.name} differs from ${home.name}`,
    );
  } catch (error) {
    await removeHome(stack, { homes, home: target, node });
    throw error;
  }
  await removeHome(stack, idle);
  return {
    text: `The home of ${from} (${entries} files and folders) is now that of ${to}: ${target.name}.`,
    json: { from, to, place: target.name, entries },
  };
}
