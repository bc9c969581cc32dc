/** What a stack on a Swarm says of itself, through the API of a manager alone. */
import type Docker from "dockerode";

import type { HubSettings } from "../../components/hub/settings";
import type { NodeFirewall } from "../../components/hub/settings/wiring";
import { physicalName } from "../../docker-api/naming";
import { type NodeAnswer, nodesOf } from "../../docker-api/swarm";
import { addressOf } from "../../docker-api/swarm";
import { preparedNodes } from "../swarm/prepared";
import type { ServerSettings } from "./facts";

/** A node on which notebook servers may run. */
export interface SwarmNode {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly isManager: boolean;
  /** Whether its engine knows `no-new-privileges` for services. */
  readonly hasNoNewPrivileges: boolean;
}

export interface SwarmFacts {
  readonly prefix: string;
  readonly server: Omit<ServerSettings, "labels"> & { readonly firewall: NodeFirewall };
  /** User and group of notebook servers. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly baseUrl: string;
  /** Ports of entry nodes. */
  readonly published: readonly number[];
  /** Nodes where a server may be tried from. */
  readonly nodes: readonly SwarmNode[];
  /** All nodes that are up. */
  readonly all: readonly SwarmNode[];
  /** Image with Python that is the stack's own, and on every node. */
  readonly ownImage: string;
}

interface ServiceAnswer {
  readonly Spec: {
    readonly TaskTemplate: {
      readonly ContainerSpec: {
        readonly Image: string;
        readonly Configs?: readonly { readonly ConfigID: string; readonly File: { readonly Name: string } }[];
      };
    };
    readonly EndpointSpec?: { readonly Ports?: readonly { readonly PublishedPort?: number }[] };
  };
}

type HubFile = Pick<HubSettings, "hub" | "storage"> & { readonly spawner: SwarmFacts["server"] };

const SETTINGS = "/etc/jupyterhub/config.json";

/** The first engine that knows `no-new-privileges` for services. */
const KNOWS = 25;

const service = async (docker: Docker, name: string): Promise<ServiceAnswer> =>
  (await docker.getService(name).inspect()) as ServiceAnswer;

/** Whether a stack is one of a Swarm. */
export async function isSwarm(docker: Docker, prefix: string): Promise<boolean> {
  return service(docker, physicalName(prefix, "hub")).then(
    () => true,
    () => false,
  );
}

function nodeOf(node: NodeAnswer): SwarmNode {
  const { Engine } = node.Description as { Engine?: { EngineVersion?: string } };
  return {
    id: node.ID,
    name: node.Description.Hostname,
    address: addressOf(node),
    isManager: node.Spec.Role === "manager",
    hasNoNewPrivileges: Number.parseInt(Engine?.EngineVersion ?? "0", 10) >= KNOWS,
  };
}

/** @throws Error when the stack is not running on this Swarm. */
export async function collectSwarm(docker: Docker, prefix: string): Promise<SwarmFacts> {
  const [hub, firewall, proxy, nodes, prepared] = await Promise.all([
    service(docker, physicalName(prefix, "hub")),
    service(docker, physicalName(prefix, "firewall")),
    service(docker, physicalName(prefix, "proxy")),
    nodesOf(docker),
    preparedNodes(docker, prefix),
  ]);
  const { Configs = [] } = hub.Spec.TaskTemplate.ContainerSpec;
  const settings = Configs.find(({ File }) => File.Name === SETTINGS);
  const { Spec } = (await docker.getConfig(settings?.ConfigID ?? "").inspect()) as { Spec: { Data: string } };
  const file = JSON.parse(Buffer.from(Spec.Data, "base64").toString()) as HubFile;
  const up = nodes.filter(({ Status }) => Status.State === "ready");
  const all = up.map(nodeOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  const open = new Set(up.filter((node) => node.Spec.Availability === "active").map(({ ID }) => ID));
  return {
    prefix,
    server: file.spawner,
    owner: { uid: file.storage.uid, gid: file.storage.gid },
    baseUrl: file.hub.baseUrl,
    published: (proxy.Spec.EndpointSpec?.Ports ?? []).flatMap(({ PublishedPort = 0 }) => PublishedPort || []),
    nodes: all.filter(({ id }) => prepared.has(id) && open.has(id)),
    all,
    ownImage: firewall.Spec.TaskTemplate.ContainerSpec.Image,
  };
}
