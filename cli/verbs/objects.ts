/** `./hub objects`: all that a stack and its hub made on the Docker host, by label. */
import type { Command } from "commander";

import { nearest } from "../../config/errors";
import { ignoring, statusOf } from "../../docker-api/errors";
import { STACK_LABEL } from "../../docker-api/naming";
import { until } from "../../docker-api/wait";
import { UsageError } from "../../setup/errors";
import { volumesOf } from "../../setup/kept-volumes";
import { upCommand } from "../../setup/stacks";
import { table } from "../../tasks/table";
import { type Answer, print, wantsJson } from "../answer";
import { withReport } from "../program";
import {
  containersWith,
  filters,
  isTask,
  nameOf,
  type OpenStack,
  openStack,
  roleOf,
  swarmObjects,
  userOf,
} from "../stack";
import { ask, hasTerminal } from "../terminal";

/** Milliseconds for tasks to leave a network: the engine kills what does not end in ten seconds. */
const NETWORK_MS = 30_000;

export interface StackObject {
  readonly kind: "service" | "container" | "network" | "secret" | "config" | "volume" | "image";
  /** What the engine finds it by. */
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly user: string;
}

/** In the order in which they can be removed. */
export async function listObjects(stack: OpenStack): Promise<StackObject[]> {
  const [{ services, secrets, configs }, containers, networks, volumes, images] = await Promise.all([
    swarmObjects(stack),
    containersWith(stack),
    stack.docker.listNetworks({ filters: filters(stack) }),
    stackVolumes(stack),
    stack.docker.listImages({ filters: filters(stack) }),
  ]);
  const of = (
    kind: StackObject["kind"],
    id: string,
    name: string,
    labels: Readonly<Record<string, string>> | undefined,
  ) => ({
    kind,
    id,
    name,
    role: roleOf(labels ?? {}),
    user: userOf(labels ?? {}),
  });
  return [
    ...services.map(({ ID, Spec }) => of("service", ID, Spec.Name, Spec.Labels)),
    ...containers
      .filter((one) => !isTask(one))
      .map((one) => of("container", one.Id, nameOf(one), one.Labels))
      .sort((a, b) => Number(isFirewall(a)) - Number(isFirewall(b))),
    ...networks.map(({ Id, Name, Labels }) => of("network", Id, Name, Labels)).sort(byName),
    ...secrets.map(({ ID, Spec }) => of("secret", ID, Spec.Name, Spec.Labels)),
    ...configs.map(({ ID, Spec }) => of("config", ID, Spec.Name, Spec.Labels)),
    ...volumes.map(({ Name, Labels }) => of("volume", Name, Name, Labels)),
    ...images
      .map((one) => of("image", one.Id, one.RepoTags?.[0] ?? one.Id.slice(0, 19), one.Labels))
      .sort(byName),
  ];
}

/** By their label; homes that a hub made without one by their name, as the end of ./up --destroy lists them. */
async function stackVolumes({ docker, prefix }: OpenStack) {
  const { Volumes } = await docker.listVolumes();
  const names = new Set(volumesOf(Volumes, prefix));
  return Volumes.filter(({ Name }) => names.has(Name)).sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Objects of a kind that are shown by name; more fill the screen. */
const SHOWN = 12;

/** What is to be removed, a line for each object; where there are many of a kind, how many. */
export function renderObjects(objects: readonly Pick<StackObject, "kind" | "name">[]): string[] {
  const kinds = [...new Set(objects.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const names = objects.filter((one) => one.kind === kind).map(({ name }) => name);
    return names.length > SHOWN ? [`${names.length} ${kind}s`] : names.map((name) => `${kind} ${name}`);
  });
}

/** It takes its rules along when it is told to end, and nobody is left behind them. */
const isFirewall = ({ role }: StackObject): boolean => role === "firewall";

const byName = (a: StackObject, b: StackObject): number => (a.name < b.name ? -1 : 1);

async function remove(stack: OpenStack, object: StackObject): Promise<void> {
  const { kind, id } = object;
  const removals: Record<StackObject["kind"], () => Promise<unknown>> = {
    container: async () => {
      const container = stack.docker.getContainer(id);
      if (isFirewall(object)) {
        await container.stop().catch(ignoring(304, 404));
      }
      await container.remove({ force: true });
    },
    service: () => stack.docker.getService(id).remove(),
    secret: () => stack.docker.getSecret(id).remove(),
    config: () => stack.docker.getConfig(id).remove(),
    network: () => removeNetwork(stack, id),
    volume: () => stack.docker.getVolume(id).remove(),
    image: () => stack.docker.getImage(id).remove({ force: true }),
  };
  // The engine may be removing it already.
  await removals[kind]().catch(ignoring(404));
}

/** A service's tasks are still on it for a moment after the service is gone. */
async function removeNetwork(stack: OpenStack, id: string): Promise<void> {
  let inUse: unknown;
  const isGone = async (): Promise<boolean> => {
    try {
      await stack.docker.getNetwork(id).remove();
      return true;
    } catch (error) {
      if (![400, 403, 409].includes(statusOf(error) ?? 0)) {
        throw error;
      }
      inUse = error;
      return false;
    }
  };
  if (!(await until(isGone, NETWORK_MS))) {
    throw inUse;
  }
}

async function list(stack: OpenStack): Promise<Answer> {
  const all = await listObjects(stack);
  return {
    text: table([
      ["KIND", "NAME", "ROLE", "USER"],
      ...all.map(({ kind, name, role, user }) => [kind, name, role, user]),
    ]),
    json: all,
  };
}

interface RemoveOptions {
  readonly data?: boolean;
  readonly yes?: boolean;
}

async function removeAll(
  stack: OpenStack,
  { data = false, yes = false }: RemoveOptions,
  quiet: boolean,
): Promise<Answer> {
  const chosen = (await listObjects(stack)).filter(({ kind }) => data || kind !== "volume");
  if (chosen.length === 0) {
    stack.tell(`Nothing of stack "${stack.name}" is left to remove.`);
    return { text: "", json: [] };
  }
  stack.tell(renderObjects(chosen).join("\n"));
  const what = `these ${chosen.length} objects${data ? " AND ALL DATA in their volumes" : ""}`;
  if (!yes && !(await confirm(`Remove ${what}? [y/N] `, quiet))) {
    stack.tell("Nothing was removed.");
    return { text: "", json: [], failed: true };
  }
  for (const object of chosen) {
    await remove(stack, object);
  }
  const up = upCommand(stack.name);
  stack.tell(
    `Removed ${chosen.length} objects. If Pulumi's state still has the stack, recreate them with: ${up}\n` +
      `or empty the state with: ${up} --destroy`,
  );
  return { text: "", json: chosen };
}

async function confirm(text: string, quiet: boolean): Promise<boolean> {
  if (quiet || !hasTerminal()) {
    throw new UsageError("objects remove: expected --yes, since there is no terminal to ask on.");
  }
  return (await ask(text, (said) => /^y(es)?$/i.test(said))) ?? false;
}

export function define(command: Command): void {
  withReport(command)
    .usage("[command] [options]")
    .argument("[command]")
    .addHelpText(
      "after",
      `
Without a command, it lists everything that has the stack's label, ${STACK_LABEL}: containers, networks, volumes
and images; in a Swarm also services, secrets and configs, with the volumes and images of the manager.`,
    )
    .action(async (word: string | undefined, _options: object, self: Command) => {
      if (word !== undefined) {
        refuse(self, word);
      }
      print(self, await list(await openStack(self)));
    });
  withReport(command.command("list"))
    .description("list the objects")
    .action(async (_options: object, self: Command) => {
      print(self, await list(await openStack(self)));
    });
  withReport(command.command("remove"))
    .description("remove them without Pulumi, for example when its state was lost")
    .option("--data", "also remove volumes and the data in them")
    .option("-y, --yes", "do not ask for confirmation")
    .action(async (options: RemoveOptions, self: Command) => {
      print(self, await removeAll(await openStack(self), options, wantsJson(self)));
    });
}

function refuse(command: Command, word: string): never {
  const meant = nearest(
    word,
    command.commands.map((one) => one.name()),
  );
  command.error(`error: unknown command '${word}'${meant === undefined ? "" : `\n(Did you mean ${meant}?)`}`);
}
