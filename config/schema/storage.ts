/** `storage`: people's homes, the folders that they share, and what is kept. */
import { z } from "zod";

import { ABSOLUTE_PATH, anyText, flag, key, type KeyDoc, NEXT_START, oneKind, section } from "./key";
import { groupName, userName } from "./people";

/** Names that Docker takes for volumes, with a place for a person's name or without. */
const VOLUME_TEMPLATE = /^[a-zA-Z0-9]([a-zA-Z0-9_.-]|\{username\}){1,120}$/;
/** The same, and those that begin with a person's name, as other deployments have them. */
const HOME_TEMPLATE = /^(\{username\}|[a-zA-Z0-9])([a-zA-Z0-9_.-]|\{username\}){0,120}$/;
const VOLUME_KEY = /^[a-z0-9][a-z0-9-]{0,30}$/;

const ownFlag = (description: string, example = true) =>
  flag({ description, example, change: NEXT_START }).default(false);

const path = (otherwise: string, doc: Omit<KeyDoc, "expected">) =>
  key(z.string().regex(ABSOLUTE_PATH).default(otherwise), {
    ...doc,
    expected: "an absolute path of letters, digits, . _ -",
  });

const mountPath = path("/home/jovyan", {
  description: "Path of the home in the notebook container. Notebooks open there.",
  example: "/home/jovyan/work",
  change: NEXT_START,
});

const driver = key(
  z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.:/-]{0,120}$/)
    .default("local"),
  {
    description: "Volume driver: `local`, or the name of a plugin on the Docker host.",
    expected: "the name of a volume driver",
    example: "local",
    change: "Existing volumes keep their driver; new ones get this one.",
  },
);

const options = key(z.record(z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/), anyText.max(500)).prefault({}), {
  description:
    "Options of the driver. `{username}` stands for the person's name as in the volume's name. Anybody on the host can read " +
    "them: no secrets.",
  expected: "options as name: text",
  example: { type: "nfs", o: "addr=10.0.0.5,rw", device: ":/export/home/{username}" },
  change: "Existing volumes keep their options; new ones get these.",
});

const homes = oneKind(
  [
    z.strictObject({
      kind: z.literal("volume"),
      name: key(z.string().regex(HOME_TEMPLATE).optional(), {
        description:
          "Name of a home's volume. `{username}` stands for the person's name, escaped. If the name begins with it, " +
          "`takenOver` says whose volumes are older than this stack.",
        expected: "a volume name with {username} in it, of letters, digits, _ . -",
        example: "jupyterhub-user-{username}",
        otherwise: "`<name>-home-{username}`",
        change: "People get empty homes in volumes with the new names; the old volumes stay.",
      }),
      takenOver: key(z.array(userName("alice")).prefault([]), {
        description:
          "People whose volumes another deployment made. Where there are some, and where `name` begins with " +
          "`{username}`, servers get only these volumes and those that this stack made: all others on the Docker host " +
          "are refused, whatever they are called.",
        expected: "a list of user names",
        example: ["alice"],
        change: "The Docker filter is replaced. Running servers keep running.",
      }),
      driver,
      options,
      mountPath,
    }),
    z.strictObject({
      kind: z.literal("tree"),
      root: key(z.string().regex(ABSOLUTE_PATH), {
        description:
          "Folder on the Docker host. Homes are in `users/`, other folders next to it. It is created if it is missing.",
        expected: "an absolute path of letters, digits, . _ -",
        example: "/srv/jupyterhub",
        change: "People get empty homes in the new place; the old ones stay where they are.",
      }),
      mountPath,
    }),
    z.strictObject({ kind: z.literal("temporary"), mountPath }),
  ],
  {
    description:
      "Where people's files are. `volume`: a Docker volume for each person. `tree`: a folder for each person in one " +
      "tree on the Docker host. `temporary`: in the server's container, and lost when the server stops.",
    example: { kind: "tree", root: "/srv/jupyterhub" },
    change: NEXT_START,
  },
).prefault({ kind: "volume" });

const labSettings = section(
  {
    apart: ownFlag(
      "Keep JupyterLab's settings and workspaces out of the home: in a volume of their own, or in the tree's " +
        "`user-settings/`.",
    ),
    mountPath: path("/home/jovyan/.jupyter/lab", {
      description: "Their path in the notebook container.",
      example: "/home/jovyan/.jupyter/lab",
      change: NEXT_START,
    }),
  },
  {
    description: "JupyterLab's settings and workspaces.",
    example: { apart: true },
    change: NEXT_START,
  },
).prefault({});

const volume = section(
  {
    name: key(z.string().regex(VOLUME_TEMPLATE).optional(), {
      description: "Name of the volume; with `{username}` in it, each person has one.",
      expected: "a volume name of letters, digits, _ . -, with {username} or without",
      example: "datasets",
      otherwise: "`<name>-volume-<key>`",
      change: NEXT_START,
    }),
    mountPath: key(z.string().regex(ABSOLUTE_PATH), {
      description: "Its path in the notebook container.",
      expected: "an absolute path of letters, digits, . _ -",
      example: "/data",
      change: NEXT_START,
    }),
    driver,
    options,
    readOnly: ownFlag("Nobody can write to it, not even admins."),
    groups: key(z.array(groupName()).optional(), {
      description: "Only members of these groups get it.",
      expected: "a list of names of groups",
      example: ["physics"],
      otherwise: "everybody",
      change: NEXT_START,
    }),
  },
  {
    description: "A volume, under a short name of a-z, 0-9 and -.",
    example: { mountPath: "/data", readOnly: true },
    change: NEXT_START,
  },
);

const volumes = key(z.record(z.string().regex(VOLUME_KEY), volume).prefault({}), {
  description: "More volumes in notebook servers: for everybody, for each person, or for members of groups.",
  expected: "a map of volumes by short names of a-z, 0-9 and -",
  example: { datasets: { mountPath: "/data", readOnly: true } },
  change: NEXT_START,
});

const id = (otherwise: number, doc: { description: string; example: number }) =>
  key(z.int().min(1).max(2_147_483_647).default(otherwise), {
    ...doc,
    expected: "a whole number from 1 (0 is root)",
    change: `${NEXT_START} Existing files keep their owner: change it by hand.`,
  });

const owner = section(
  {
    uid: id(1000, { description: "User id.", example: 2000 }),
    gid: id(100, { description: "Group id.", example: 2000 }),
  },
  {
    description:
      "Who notebook servers run as, and who owns the folders that are mounted in them. Images are made for 1000 and 100.",
    example: { uid: 2000, gid: 2000 },
    change: NEXT_START,
  },
).prefault({});

export const storage = section(
  {
    homes,
    shared: ownFlag("A folder `shared` in every home: everybody reads it, admins write it."),
    colab: ownFlag("A folder `colab` in every home that everybody reads and writes."),
    users: ownFlag(
      "A folder `users` in the homes of admins, with everybody's home. Needs homes of kind `tree`.",
      false,
    ),
    foldersPath: key(z.string().regex(ABSOLUTE_PATH).optional(), {
      description: "Path of `shared`, `colab`, `groups` and `users` in the notebook container.",
      expected: "an absolute path of letters, digits, . _ -",
      example: "/home/jovyan",
      otherwise: "the home",
      change: NEXT_START,
    }),
    labSettings,
    volumes,
    owner,
    retain: flag({
      description:
        "Keep the volume with the hub's database when the stack is destroyed. The next `pulumi up` uses it again. " +
        "People's homes are kept in any case.",
      example: false,
      change: "Nothing is replaced.",
    }).default(true),
  },
  {
    description: "People's data. docs/storage.md describes its layout.",
    example: { homes: { kind: "volume" }, shared: true, colab: true },
  },
).prefault({});
