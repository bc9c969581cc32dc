/** What a running stack says of itself, through the Docker API alone. */
import type Docker from "dockerode";

import type { HubSettings } from "../../components/hub/settings";
import { paths } from "../../components/hub/settings/paths";
import { joinSettings } from "../../components/hub/settings/people";
import { filesOf } from "../../docker-api/archive";
import { parsed } from "../../docker-api/json";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";

/** The part of the hub's settings file that says how notebook servers are made. */
export type ServerSettings = Pick<HubSettings["spawner"], "image" | "network" | "labels" | "limits">;

/** A container of the stack. */
export interface Peer {
  readonly role: string;
  /** Its addresses by network. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface Facts {
  readonly prefix: string;
  readonly server: ServerSettings;
  /** User and group of notebook servers. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Name servers that notebook servers are given; none for the host's. */
  readonly dns: readonly string[];
  readonly dnsOptions: readonly string[];
  /** Whether notebooks may reach the internet directly. */
  readonly internet: boolean;
  readonly hub: string;
  readonly baseUrl: string;
  readonly gateway: string;
  readonly bridge: string;
  /** Port of the egress proxy, where there is one. */
  readonly egress: { readonly address: string; readonly port: number } | undefined;
  readonly peers: readonly Peer[];
  /** The reverse proxy's ports on the Docker host. */
  readonly published: readonly number[];
  /** Image with Python that is the stack's own. */
  readonly ownImage: string;
}

interface FirewallSettings {
  readonly bridge: string;
  readonly internet: boolean;
  readonly services: readonly { readonly address: string; readonly port: number }[];
}

/** Name servers' options: the hub's program has the same, and the end-to-end suite compares the two. */
const DNS_OPTIONS = ["timeout:1", "attempts:1"];

/** As one, from the hub's own file and the one of people, which limits are in. */
async function settingsOf(hub: Docker.Container): Promise<HubSettings> {
  const own = JSON.parse((await filesOf(hub, paths.settings)).join("")) as Readonly<Record<string, unknown>>;
  const people = "people" in own ? (await filesOf(hub, paths.people)).join("") : "{}";
  return joinSettings(own, parsed(people)) as unknown as HubSettings;
}

/**
 * Asks the engine what there is of a stack.
 *
 * @throws Error when the stack is not running on this engine.
 */
export async function collect(docker: Docker, prefix: string): Promise<Facts> {
  const [settings, firewall, containers] = await Promise.all([
    settingsOf(docker.getContainer(`${prefix}-hub`)),
    docker.getContainer(`${prefix}-firewall`).inspect(),
    docker.listContainers({ filters: { label: [`${STACK_LABEL}=${prefix}`] } }),
  ]);
  const { hub: hubSettings, spawner, storage, lockdown } = settings;
  const variable = firewall.Config.Env.find((one) => one.startsWith("FIREWALL="));
  const rules = JSON.parse(variable?.slice("FIREWALL=".length) ?? "{}") as FirewallSettings;
  const network = (await docker.getNetwork(spawner.network).inspect()) as {
    IPAM: { Config: { Gateway?: string }[] };
  };
  const [hubService, egress] = rules.services;
  const proxy = containers.find(({ Labels }) => Labels[ROLE_LABEL] === "proxy");
  return {
    prefix,
    server: spawner,
    owner: { uid: storage.uid, gid: storage.gid },
    dns: lockdown?.dns ?? [],
    dnsOptions: lockdown === undefined ? [] : DNS_OPTIONS,
    internet: rules.internet,
    hub: hubService?.address ?? "",
    baseUrl: hubSettings.baseUrl,
    gateway: network.IPAM.Config[0]?.Gateway ?? "",
    bridge: rules.bridge,
    egress,
    peers: containers
      .filter(({ Labels }) => Labels[ROLE_LABEL] !== "user")
      .map(({ Labels, NetworkSettings }) => ({
        role: Labels[ROLE_LABEL] ?? "",
        addresses: Object.fromEntries(
          Object.entries(NetworkSettings.Networks)
            .filter(([, { IPAddress }]) => IPAddress !== "")
            .map(([name, { IPAddress }]) => [name.replace(`${prefix}-`, ""), IPAddress]),
        ),
      })),
    published: [
      ...new Set((proxy?.Ports ?? []).flatMap(({ PublicPort }: { PublicPort?: number }) => PublicPort ?? [])),
    ].sort((a, b) => a - b),
    ownImage: firewall.Image,
  };
}
