/** `swarm`: several hosts; only for the variant `swarm`. */
import { z } from "zod";

import { DOCKER_HOST } from "../constants";
import {
  ABSOLUTE_PATH,
  anyText,
  flag,
  HUB_REPLACED,
  key,
  NEXT_START,
  oneKind,
  oneOf,
  PROXY_REPLACED,
  secret,
  section,
  size,
} from "./key";

export const CIDR = /^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2[0-8])$/;
const CONSTRAINT =
  /^(node\.(id|hostname|role|platform\.(os|arch)|labels\.[A-Za-z0-9._-]+)|engine\.labels\.[A-Za-z0-9._-]+)(==|!=)[A-Za-z0-9._/-]+$/;
const ADDRESS = /^[A-Za-z0-9.:_-]+$/;
const RESTARTED = "The service is updated: its tasks are replaced one after the other.";

function subnet(description: string, example: string, change: string) {
  return key(z.string().regex(CIDR).default(example), {
    description,
    expected: "an IPv4 network of 16 to 28 bits, such as 172.31.0.0/24",
    example,
    change,
  });
}

const constraint = z
  .string()
  .transform((text) => text.replaceAll(" ", ""))
  .pipe(z.string().regex(CONSTRAINT))
  .meta({
    description: "A placement constraint of Docker.",
    expected: "a placement constraint such as node.role==worker or node.labels.gpu==yes",
    example: "node.role==worker",
  });

function constraints(description: string, initial: string[], change: string) {
  return key(z.array(constraint).default(initial), {
    description,
    expected: "a list of placement constraints, such as node.role==worker",
    example: ["node.role==worker"],
    change,
  });
}

/** More constraints for some servers, by what they have in common. */
function constraintsOf(description: string, name: string) {
  return key(
    z
      .record(
        z.string(),
        z
          .array(constraint)
          .meta({ expected: "a list of placement constraints", example: ["node.role==worker"] }),
      )
      .prefault({}),
    {
      description: `${description} They apply in addition to \`constraints\`.`,
      expected: "a map of lists of placement constraints",
      example: { [name]: [`node.labels.${name}==yes`] },
      change: NEXT_START,
    },
  );
}

const node = section(
  {
    name: key(z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,62})$/), {
      description: "Host name of the machine, as its engine reports it.",
      expected: "a host name",
      example: "node1",
    }),
    host: key(z.string().regex(DOCKER_HOST), {
      description:
        "Address of the machine's Docker Engine, as for `docker.host`; used only to join the machine.",
      expected: "unix:///path, ssh://user@host or tcp://host:port",
      example: "ssh://admin@node1.example.org",
    }),
    role: oneOf(["worker", "manager"], {
      description: "What the machine joins as. Three managers survive the loss of one; two do not.",
      example: "worker",
    }).default("worker"),
    address: key(z.string().regex(ADDRESS).optional(), {
      description: "Address (or network interface) at which the other nodes reach the machine.",
      expected: "an address or the name of a network interface",
      example: "10.0.0.11",
      otherwise: "chosen by its engine",
    }),
  },
  { description: "A machine.", example: { name: "node1", host: "ssh://admin@node1.example.org" } },
);

const path = (description: string, example: string) =>
  key(z.string().regex(ABSOLUTE_PATH), {
    description,
    expected: "an absolute path of letters, digits, . _ -",
    example,
    change: NEXT_START,
  });

const options = key(z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), anyText).prefault({}), {
  description: "Options of the driver; `{username}` stands for the user.",
  expected: "options as name: value",
  example: { type: "nfs", o: "addr=nfs.example.org,rw", device: ":/homes/{username}" },
  change: NEXT_START,
});

export const swarm = section(
  {
    advertise: key(z.string().regex(ADDRESS).optional(), {
      description: "Address of the first manager for the other nodes, when the stack makes the Swarm.",
      expected: "an address or the name of a network interface",
      example: "10.0.0.10",
      otherwise: "chosen by its engine",
    }),
    nodes: key(z.array(node).default([]), {
      description:
        "Machines that join the Swarm. A machine that is already in it stays as it is. One that leaves the list " +
        "stays, too: remove it with `./hub node remove`.",
      expected: "a list of machines, each with name, host, role",
      example: [{ name: "node1", host: "ssh://admin@node1.example.org" }],
      change: "New machines join.",
    }),
    network: section(
      {
        subnet: subnet(
          "Addresses of the overlay network of notebooks, hub and proxy: one for each, and one for each node.",
          "172.31.0.0/24",
          "The network is recreated: all services restart and notebook servers stop.",
        ),
        control: subnet(
          "Addresses of the overlay network of the APIs, on which no notebook is.",
          "172.31.1.0/24",
          "The network is recreated: hub and proxy restart.",
        ),
        encrypted: flag({
          description: "Encrypt traffic between the nodes (IPsec), which costs throughput.",
          example: true,
          change: "The network is recreated: all services restart and notebook servers stop.",
        }).default(false),
        servers: key(z.int().min(1).optional(), {
          description:
            "Number of notebook servers that have to fit; checked against the number of addresses.",
          expected: "a whole number of servers",
          example: 200,
          otherwise: "as many as there are addresses",
          change: "Nothing is replaced.",
        }),
      },
      {
        description: "Overlay networks.",
        example: { subnet: "172.31.0.0/24" },
      },
    ).prefault({}),
    registry: section(
      {
        address: key(z.string().regex(/^[A-Za-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._/-]+)?$/), {
          description: "Registry (and folder in it) that images are pushed to and that nodes pull from.",
          expected: "host[:port][/folder]",
          example: "registry.example.org:5000",
          change: "Images are pushed there; all services are updated.",
        }),
        user: key(z.string().min(1).optional(), {
          description: "User of the registry.",
          expected: "a user name",
          example: "jupyterhub",
          otherwise: "no login",
          change: RESTARTED,
        }),
        password: secret({
          for: ["registry"],
          description: "Password of the registry's user.",
          expected: "a password",
          example: "…",
          otherwise: "no login",
          change: RESTARTED,
        }).optional(),
      },
      {
        description: "Where all nodes get their images. The variant `swarm` needs one.",
        example: { address: "registry.example.org:5000", user: "jupyterhub" },
        otherwise: "none; the variant `swarm` requires it",
      },
    ).optional(),
    proxy: section(
      {
        replicas: key(z.int().min(1).max(64).default(1), {
          description: "Number of nodes that run Traefik and answer at the published ports.",
          expected: "a whole number from 1 to 64",
          example: 2,
          change: "Traefik is started or stopped on nodes.",
        }),
        constraints: constraints("Nodes that may run Traefik.", ["node.role==manager"], PROXY_REPLACED),
      },
      {
        description: "Entry nodes.",
        example: { replicas: 2, constraints: ["node.labels.entry==yes"] },
      },
    ).prefault({}),
    notebooks: section(
      {
        constraints: constraints("Nodes that may run notebook servers.", [], NEXT_START),
        ofProfiles: constraintsOf("Nodes for servers of a profile, by its slug.", "large"),
        ofGroups: constraintsOf("Nodes for servers of a group's members, by the group's name.", "physics"),
        reservedMemory: size(0, {
          description: "Memory that a node needs to have free for a server; 0 for no such condition.",
          expected: "an amount of memory",
          example: "512m",
          change: NEXT_START,
        }).prefault("0"),
        reservedCpus: key(z.number().min(0).default(0), {
          description: "CPUs that a node needs to have free for a server; 0 for no such condition.",
          expected: "a number of CPUs",
          example: 0.1,
          change: NEXT_START,
        }),
      },
      {
        description: "Placement of notebook servers.",
        example: { constraints: ["node.role==worker"], reservedMemory: "512m" },
        change: NEXT_START,
      },
    ).prefault({}),
    homes: oneKind(
      [
        z.strictObject({
          kind: z.literal("shared-path"),
          path: path("Folder for all homes that every node has at this path.", "/mnt/homes"),
        }),
        z.strictObject({
          kind: z.literal("nfs"),
          server: key(z.string().regex(ADDRESS), {
            description: "NFS server.",
            expected: "a host name or address",
            example: "nfs.example.org",
            change: NEXT_START,
          }),
          export: path("Exported folder in which each user has a folder.", "/export/homes"),
          options: key(z.string().regex(/^\S*$/).default("rw,nfsvers=4"), {
            description: "Mount options.",
            expected: "mount options, separated by commas",
            example: "rw,nfsvers=4.1,hard",
            change: NEXT_START,
          }),
        }),
        z.strictObject({
          kind: z.literal("volume"),
          driver: key(z.string().regex(/^[a-z0-9][a-z0-9/._:-]*$/), {
            description: "Volume driver that all nodes have.",
            expected: "the name of a volume driver",
            example: "local",
            change: NEXT_START,
          }),
          options,
        }),
        z.strictObject({
          kind: z.literal("local"),
          pinned: key(z.literal(true), {
            description:
              "Confirm that a user's servers start only on the node that has the home, and that the homes of a lost " +
              "node are lost, or unavailable until it is back.",
            expected: "true, which confirms that users are bound to one node",
            example: true,
            change: NEXT_START,
          }),
        }),
      ],
      {
        description:
          "Where people's files are, so that every node has them. `shared-path`: a folder that every node " +
          "has mounted. `nfs`: volumes of an NFS server. `volume`: volumes of any driver. `local`: volumes of one " +
          "node, to which the user is bound.",
        example: { kind: "shared-path", path: "/mnt/homes" },
        otherwise: "none; the variant `swarm` requires it",
        change: NEXT_START,
      },
    ).optional(),
    data: oneKind(
      [
        z.strictObject({ kind: z.literal("local") }),
        z.strictObject({
          kind: z.literal("shared-path"),
          path: path("Folder that every manager has at this path.", "/mnt/hub"),
        }),
      ],
      {
        description:
          "Where the hub's data is. `local`: on the manager of `docker.host`, where the hub then stays. " +
          "`shared-path`: a folder that all managers share, so that the hub can move when one is lost.",
        example: { kind: "shared-path", path: "/mnt/hub" },
        change: HUB_REPLACED,
      },
    ).prefault({ kind: "local" }),
  },
  {
    description: "Several hosts as a Docker Swarm; only with `variant: swarm`.",
    example: {
      registry: { address: "registry.example.org:5000" },
      homes: { kind: "shared-path", path: "/mnt/homes" },
    },
  },
).prefault({});
