/** docker.Network */
import type Docker from "dockerode";

import type { Props, ResourceDefinition } from "../lib/serve";
import { bridged, type EngineResource } from "./bridge/resource";
import { bool, labels, map, set, type Shape, string } from "./bridge/shape";
import { type Connection, reason, removeUnused, request, unlessMissing } from "./connection";
import { labelList, labelMap, textMap } from "./values";

export const networkShape: Shape = {
  name: string({ required: true, replaces: true }),
  labels: labels({ replaces: true }),
  driver: string({ computed: true, replaces: true }),
  options: map({ computed: true, replaces: true }),
  internal: bool({ computed: true, replaces: true }),
  attachable: bool({ replaces: true }),
  ingress: bool({ replaces: true }),
  ipv6: bool({ replaces: true }),
  ipamDriver: string({ default: "default", replaces: true }),
  ipamOptions: map({ replaces: true }),
  ipamConfigs: set(
    {
      subnet: string({ replaces: true }),
      ipRange: string({ replaces: true }),
      gateway: string({ replaces: true }),
      auxAddress: map({ replaces: true }),
    },
    { computed: true, replaces: true },
  ),
  scope: string({ output: true }),
};

interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** The state's properties from `GET /networks/{id}`. */
function networkState(found: Docker.NetworkInspectInfo): Props {
  return {
    name: found.Name,
    labels: labelList(found.Labels),
    driver: found.Driver,
    options: found.Options ?? {},
    internal: found.Internal,
    attachable: found.Attachable,
    ingress: found.Ingress,
    ipv6: found.EnableIPv6,
    ipamDriver: found.IPAM?.Driver ?? "default",
    ipamOptions: found.IPAM?.Options ?? {},
    ipamConfigs: ((found.IPAM?.Config ?? []) as IpamConfig[]).map((config) => ({
      subnet: config.Subnet ?? "",
      ipRange: config.IPRange ?? "",
      gateway: config.Gateway ?? "",
      auxAddress: config.AuxiliaryAddresses ?? {},
    })),
    scope: found.Scope,
  };
}

/** Milliseconds for a Swarm to decide on a network, as the real plugin waits at most. */
const DECIDED_MS = 30_000;

export function network(engine: () => Connection): ResourceDefinition {
  const resource: EngineResource = {
    shape: networkShape,
    schemaVersion: 1,
    autoName: true,

    async create(inputs) {
      const ipamConfigs = (inputs.ipamConfigs ?? []) as Props[];
      const body = {
        Name: inputs.name,
        CheckDuplicate: true,
        Labels: labelMap(inputs.labels),
        Driver: inputs.driver ?? "bridge",
        Options: textMap(inputs.options),
        Internal: inputs.internal === true,
        Attachable: inputs.attachable === true,
        Ingress: inputs.ingress === true,
        EnableIPv6: inputs.ipv6 === true,
        IPAM: {
          Driver: inputs.ipamDriver as string,
          Options: textMap(inputs.ipamOptions),
          Config: ipamConfigs.map((config) => ({
            ...(config.subnet ? { Subnet: config.subnet } : {}),
            ...(config.ipRange ? { IPRange: config.ipRange } : {}),
            ...(config.gateway ? { Gateway: config.gateway } : {}),
            ...(config.auxAddress ? { AuxiliaryAddresses: textMap(config.auxAddress) } : {}),
          })),
        },
      };
      const made = await engine()
        .docker.createNetwork(request(body) as Docker.NetworkCreateOptions)
        .catch((error: unknown) => {
          throw new Error(`Unable to create network: ${reason(error)}`, { cause: error });
        });
      return made.id;
    },

    async read(id) {
      const found = await decided(id);
      return found && { id: found.Id, live: networkState(found) };
    },

    async delete(id, _state, { signal }) {
      try {
        await removeUnused(() => engine().docker.getNetwork(id).remove(), "active endpoints", signal);
      } catch (error) {
        const problem = `Unable to delete network: ${reason(error)}`;
        throw new Error(`${problem}. Containers on it: ${(await users(id)) || "none any more"}`, {
          cause: error,
        });
      }
    },
  };

  /**
   * The network once its driver and addresses are known. A Swarm decides on them after it has answered; what is read
   * before would be a difference at the next update, and the network would be made anew. (The real plugin waits two
   * seconds before it looks, whatever the network.)
   */
  const decided = async (id: string) => {
    for (const end = Date.now() + DECIDED_MS; ;) {
      const found = await unlessMissing(engine().docker.getNetwork(id).inspect());
      if (found === undefined || found.Driver !== "" || Date.now() > end) {
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  const users = async (id: string): Promise<string> => {
    const { Containers } = await engine().docker.getNetwork(id).inspect();
    return Object.values(Containers ?? {})
      .map((container) => container.Name)
      .join(", ");
  };

  return bridged(resource);
}
