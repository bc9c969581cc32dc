/** What a stack made that its hub has to know of. All else is in the configuration. */
import type { StorageConfig } from "../../../config";
import type { PostgresConnection } from "./database";
import type { Lockdown } from "./lockdown";

interface AnyWiring {
  /** Address that browsers use, with the base URL: `https://hub.example.org/`. */
  readonly publicUrl: string;
  /** How the hub knows who visits it. */
  readonly visitors: {
    /** Where the reverse proxy's connections come from: addresses, or names on the notebooks' network. */
    readonly proxies: readonly string[];
    /** Load balancers in front of it. */
    readonly trusted: readonly string[];
  };
  /** Address of the Docker API as the hub reaches it. */
  readonly dockerHost: string;
  /** Address of the reverse proxy's API as the hub reaches it. */
  readonly proxyApiUrl: string;
  /** Network that notebook servers join. */
  readonly network: string;
  /** Ids of the images that servers are made from: without a profile, and by slug of the profile. */
  readonly image: string;
  readonly ofProfiles: Readonly<Record<string, string>>;
  /** Where the hub finds a database of the stack's own. */
  readonly postgres?: PostgresConnection | undefined;
}

/** On one host: servers are containers, and routes go through a file. */
export interface DockerWiring extends AnyWiring {
  readonly kind: "docker";
  /** What closes notebook servers in, where something does. */
  readonly lockdown?: Lockdown | undefined;
}

/** What stands between servers and all that is not of the stack. */
export interface NodeFirewall {
  /** Service that holds the rules, on each node. */
  readonly service: string;
  /** Folder of a node that is there while the rules are. */
  readonly gate: string;
}

/** In a Swarm: servers are services, and routes go through Redis. */
export interface SwarmWiring extends AnyWiring {
  readonly kind: "swarm";
  /** The storage with homes where all nodes have them. */
  readonly storage: StorageConfig;
  /** Services that bring images to the nodes, by image. */
  readonly prePullers: Readonly<Record<string, string>>;
  readonly firewall: NodeFirewall;
  /** Address of the routes' store. */
  readonly redisUrl: string;
}

export type Wiring = DockerWiring | SwarmWiring;
