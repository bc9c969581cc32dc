/** Where the homes of a stack are: volumes or folders, on one engine or on the nodes of a Swarm. */
import type Docker from "dockerode";
import { z } from "zod";

import { paths } from "../../components/hub/settings/paths";
import { keyName } from "../../config/keys";
import { canonicalName } from "../../config/values/names";
import { personIn } from "../../config/values/volume-names";
import { filesOf } from "../../docker-api/archive";
import { messageOf } from "../../docker-api/errors";
import { physicalName, ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../../docker-api/naming";
import { SetupError } from "../../setup/errors";
import { upCommand } from "../../setup/stacks";
import { hubSettings } from "../hub-settings";
import { type NodeEngine, openNodes } from "../node/engines";
import { type Swarm, swarmOf } from "../node/stack-file";
import { filters, nameOf, type OpenStack, userOf } from "../stack";
import { folderArchive } from "./archive";
import { MOUNT, type Mounted, runWith, withMount } from "./files";
import { folderName, personal, personOfFolder } from "./names";

/** A person's home. */
export interface Home {
  readonly user: string;
  /** Volume or folder, for people to read. */
  readonly name: string;
  /** How containers get it. */
  readonly mount: Mounted;
  /** Engines that have it. */
  readonly nodes: readonly NodeEngine[];
}

export interface Homes {
  /** What `list` calls the places: `VOLUME` or `FOLDER`. */
  readonly heading: string;
  /** Whether homes are on one node each, so that people want to know on which. */
  readonly nodes: boolean;
  readonly engines: readonly NodeEngine[];
  /** By name of the person. */
  list(): Promise<Home[]>;
  /** Where the home of a person is, or would be. */
  at(user: string): Home;
  /** Template of the volumes' names, or the folder that the tree of homes is in. */
  readonly place: { readonly template?: string; readonly tree?: string };
  /**
   * An empty home.
   *
   * @param on the engine that gets it. @default the stack's
   * @throws SetupError where only the hub can choose one.
   */
  make(user: string, on?: NodeEngine): Promise<Home>;
}

/** The part of the hub's settings that says where homes are. */
const settings = z.object({
  storage: z.object({
    home: z
      .object({
        volume: z
          .object({
            name: z.string(),
            driver: z.string().optional(),
            options: z.record(z.string(), z.string()).optional(),
          })
          .nullish(),
        tree: z.string().nullish(),
      })
      .optional(),
    uid: z.number().optional(),
    gid: z.number().optional(),
  }),
});
type HubStorage = z.infer<typeof settings>["storage"];

/** @throws SetupError for homes that are temporary. */
export async function homesOf(stack: OpenStack): Promise<Homes> {
  const swarm = swarmOf(stack);
  const text = swarm === undefined ? await settingsOfContainer(stack) : await settingsOfService(stack);
  const { storage } = hubSettings(stack, text, settings);
  const engines = swarm === undefined ? [{ name: "", docker: stack.docker }] : await answering(stack, swarm);
  const { volume, tree } = storage.home ?? {};
  if (volume) {
    return volumes(stack, engines, volume, swarm !== undefined);
  }
  if (typeof tree === "string") {
    return folders(stack, engines, `${tree}/users`, storage);
  }
  throw new SetupError(
    `home: expected persistent homes, but those of stack "${stack.name}" are temporary.`,
    `To keep people's files, set ${keyName("storage.homes")} to kind volume.`,
  );
}

/** Nodes that are down have homes that cannot be looked at. */
async function answering(stack: OpenStack, swarm: Swarm): Promise<NodeEngine[]> {
  return openNodes(swarm, (name, error) => {
    stack.tell(`Note: ${name} does not answer, so what is on it is left out (${messageOf(error)}).`);
  });
}

function volumes(
  stack: OpenStack,
  engines: readonly NodeEngine[],
  template: NonNullable<NonNullable<HubStorage["home"]>["volume"]>,
  swarm: boolean,
): Homes {
  const { driver = "local", options = {} } = template;
  const ofOneNode = driver === "local" && Object.keys(options).length === 0;
  const own = personal;
  const home = (user: string, name: string, nodes: readonly NodeEngine[]): Home => ({
    user,
    name,
    nodes,
    mount: { Type: "volume", Source: name, Target: MOUNT },
  });
  return {
    heading: "VOLUME",
    nodes: swarm && ofOneNode,
    engines,
    at: (user) => home(user, own(template.name, user), engines),
    place: { template: template.name },
    list: async () => {
      const found = new Map<string, { user: string; nodes: NodeEngine[] }>();
      for (const engine of engines) {
        const query = { filters: JSON.stringify(filters(stack, { [ROLE_LABEL]: "home" })) as never };
        for (const { Name, Labels } of (await engine.docker.listVolumes(query)).Volumes) {
          // One of other options leads to where homes have been.
          if (!ofOneNode && Name !== own(template.name, userOf(Labels))) {
            continue;
          }
          const one = found.get(Name) ?? { user: userOf(Labels), nodes: [] };
          found.set(Name, { ...one, nodes: [...one.nodes, engine] });
        }
        for (const [Name, user] of swarm ? [] : await takenOver(stack, engine.docker, template.name)) {
          found.set(Name, { user, nodes: [engine] });
        }
      }
      return (
        [...found.entries()]
          // What a driver brings is the same on all nodes: one of them is enough.
          .map(([name, { user, nodes }]) => home(user, name, ofOneNode ? nodes : nodes.slice(0, 1)))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
      );
    },
    make: async (user, on) => {
      const [first] = engines;
      const engine = on ?? first;
      if (engine === undefined || (swarm && ofOneNode && on === undefined)) {
        throw new SetupError(
          `load: expected a home on a node, but ${user} has none yet.`,
          `The hub chooses the node: start and stop the server of ${user} once, then load again.`,
        );
      }
      await engine.docker.createVolume({
        Name: own(template.name, user),
        Driver: driver,
        DriverOpts: Object.fromEntries(
          Object.entries(options).map(([key, value]) => [key, own(value, user)]),
        ),
        Labels: { [STACK_LABEL]: stack.prefix, [ROLE_LABEL]: "home", [USER_LABEL]: user },
      });
      return home(user, own(template.name, user), [engine]);
    },
  };
}

/** Names of volumes that another deployment made, and whose they are now: no label says it. */
async function takenOver(stack: OpenStack, docker: Docker, template: string): Promise<[string, string][]> {
  const { Volumes } = await docker.listVolumes();
  const { homes } = (stack.file.values["storage"] ?? {}) as { homes?: { takenOver?: unknown } };
  const listed = new Set(z.array(z.string()).catch([]).parse(homes?.takenOver).map(canonicalName));
  // As the Docker filter has it: a name that begins with a person's could be that of any volume of the host.
  const isListed = template.startsWith("{username}") || listed.size > 0;
  const isOurs = (user: string) => !isListed || listed.has(user);
  return Volumes.flatMap(({ Name, Labels }): [string, string][] => {
    const user = personIn(template, Name);
    const isLabelled = (Labels as Record<string, string> | null)?.[STACK_LABEL] !== undefined;
    return user !== undefined && !isLabelled && isOurs(user) ? [[Name, user]] : [];
  });
}

function folders(
  stack: OpenStack,
  engines: readonly NodeEngine[],
  root: string,
  { uid = 1000, gid = 100 }: HubStorage,
): Homes {
  // In a Swarm they are on a share that all nodes have: one of them is enough.
  const [engine] = engines;
  if (engine === undefined) {
    throw new SetupError("home: no node of the Swarm answers.");
  }
  const all: Mounted = { Type: "bind", Source: root, Target: MOUNT };
  const home = (user: string, folder: string): Home => ({
    user,
    name: `${root}/${folder}`,
    nodes: [engine],
    mount: { Type: "bind", Source: `${root}/${folder}`, Target: MOUNT },
  });
  return {
    heading: "FOLDER",
    nodes: false,
    engines,
    at: (user) => home(user, folderName(user)),
    place: { tree: root.replace(/\/users$/, "") },
    list: async () => {
      // A folder's name ends in a slash there; what is no folder is nobody's home.
      const names = await runWith(stack, engine, { ...all, ReadOnly: true }, ["ls", "-1Ap", MOUNT]);
      return names
        .split("\n")
        .filter((name) => name.endsWith("/"))
        .map((name) => name.slice(0, -1))
        .map((folder) => home(personOfFolder(folder), folder))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    make: async (user) => {
      const folder = folderName(user);
      await withMount(stack, engine, all, async (container) => {
        await container.putArchive(await folderArchive(folder, { name: folder, mode: 0o700, uid, gid }), {
          path: MOUNT,
        });
      });
      return home(user, folder);
    },
  };
}

const noHub = (stack: OpenStack): SetupError =>
  new SetupError(
    `The hub of stack "${stack.name}" (${stack.prefix}) is not on its Docker host.`,
    upCommand(stack.name),
  );

/** The settings that the hub's container was given. */
async function settingsOfContainer(stack: OpenStack): Promise<string> {
  const hub = stack.docker.getContainer(physicalName(stack.prefix, "hub"));
  const files = await filesOf(hub, paths.settings).catch((): never => {
    throw noHub(stack);
  });
  return files.join("");
}

/** The settings that the hub's service is given, on whatever manager it runs. */
async function settingsOfService(stack: OpenStack): Promise<string> {
  const service = (await stack.docker
    .getService(physicalName(stack.prefix, "hub"))
    .inspect()
    .catch((): never => {
      throw noHub(stack);
    })) as {
    Spec: { TaskTemplate: { ContainerSpec: { Configs?: { ConfigID: string; File?: { Name: string } }[] } } };
  };
  const used = service.Spec.TaskTemplate.ContainerSpec.Configs ?? [];
  const id = used.find(({ File }) => File?.Name === paths.settings)?.ConfigID;
  if (id === undefined) {
    throw noHub(stack);
  }
  const config = (await stack.docker.getConfig(id).inspect()) as { Spec?: { Data?: string } };
  return Buffer.from(config.Spec?.Data ?? "", "base64").toString();
}

/** Containers that run, wherever homes are. */
export async function runningContainers({ engines }: Homes): Promise<Docker.ContainerInfo[]> {
  return (await Promise.all(engines.map(({ docker }) => docker.listContainers()))).flat();
}

/** Names of those containers that have the home. */
export function usersOf(running: readonly Docker.ContainerInfo[], { mount }: Home): string[] {
  return running
    .filter(({ Mounts }) =>
      (Mounts as Docker.ContainerInfo["Mounts"] | null)?.some((one) => isOf(one, mount)),
    )
    .map(nameOf);
}

const isOf = (
  { Type, Name, Source }: { Type?: string | undefined; Name?: string | undefined; Source: string },
  mount: Mounted,
): boolean => Type === mount.Type && (Type === "volume" ? Name : Source) === mount.Source;
