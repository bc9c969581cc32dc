/** `npm run objects -- list|remove`: all that a stack and its hub made on the Docker host, by label. */
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";

import { STACK_LABEL } from "../../docker-api/naming";
import { ignoring } from "../../docker-api/errors";
import { stackOf } from "../../setup/arguments";
import { SetupError, messageOf } from "../../setup/errors";
import {
  containersWith,
  filters,
  isTask,
  nameOf,
  openStack,
  roleOf,
  runTool,
  swarmObjects,
  table,
  userOf,
  volumesWith,
  type OpenStack,
} from "../stack";

const USAGE = `Usage: npm run -s objects -- [list] [--stack STACK]
       npm run -s objects -- remove [--data] [--yes] [--stack STACK]

list      containers, networks, volumes and images that have the stack's label, ${STACK_LABEL}; in a Swarm services,
          secrets and configs too, and volumes and images of the manager
remove    removes them, without Pulumi: for what a lost state left behind. Volumes stay, with --data they go too`;

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
    volumesWith(stack),
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

/** It takes its rules along when it is told to end, and nobody is left behind them. */
const isFirewall = ({ role }: StackObject): boolean => role === "firewall";

const byName = (a: StackObject, b: StackObject): number => (a.name < b.name ? -1 : 1);

async function remove(stack: OpenStack, object: StackObject): Promise<void> {
  const { kind, id } = object;
  const removals: Record<StackObject["kind"], () => Promise<unknown>> = {
    container: async () => {
      const container = stack.docker.getContainer(id);
      if (isFirewall(object)) await container.stop().catch(ignoring(304, 404));
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
  const end = Date.now() + NETWORK_MS;
  for (;;) {
    try {
      await stack.docker.getNetwork(id).remove();
      return;
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (![400, 403, 409].includes(statusCode ?? 0) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new SetupError("objects remove: expected --yes where nobody can be asked.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await terminal.question(question));
  } finally {
    terminal.close();
  }
}

async function objects(argv: readonly string[]): Promise<void> {
  const { values, positionals } = (() => {
    try {
      const boolean = { type: "boolean", default: false } as const;
      const options = {
        data: boolean,
        yes: { ...boolean, short: "y" },
        stack: { type: "string", short: "s" },
      } as const;
      return parseArgs({ args: [...argv], allowPositionals: true, options });
    } catch (error) {
      throw new SetupError(messageOf(error), USAGE);
    }
  })();
  const action = positionals[0] ?? "list";
  if (!["list", "remove"].includes(action) || positionals.length > 1) {
    throw new SetupError(`objects: expected list or remove, got ${positionals.join(" ")}.`, USAGE);
  }
  const stack = await openStack(stackOf(argv, process.env));
  const all = await listObjects(stack);
  if (action === "list") {
    process.stdout.write(
      table([
        ["KIND", "NAME", "ROLE", "USER"],
        ...all.map(({ kind, name, role, user }) => [kind, name, role, user]),
      ]),
    );
    return;
  }
  const chosen = all.filter(({ kind }) => values.data || kind !== "volume");
  if (chosen.length === 0) {
    stack.tell(`Nothing of stack "${stack.name}" is left to remove.`);
    return;
  }
  stack.tell(chosen.map(({ kind, name }) => `${kind} ${name}`).join("\n"));
  const question = `Remove these ${chosen.length} objects${values.data ? " AND ALL DATA in their volumes" : ""}? [y/N] `;
  if (!values.yes && !(await confirm(question))) return;
  for (const object of chosen) await remove(stack, object);
  stack.tell(
    `Removed ${chosen.length}. If Pulumi's state knows the stack: npm run -s pulumi -- refresh --stack ${stack.name}`,
  );
}

if (require.main === module) runTool(objects);
