import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { addressAt, formatCidr, parseCidr } from "../../config/values/cidr";
import { labels, physicalName } from "../../docker-api/naming";
import type { AddressPlan } from "./addresses";
import { bridge, bridgeShape, mtuOption } from "./notebooks";

export interface NetworksArgs {
  /** Prefix of the networks' names and the value of their stack label. Changing it replaces all of them. */
  readonly prefix: string;

  /** Addresses and bridges. Changing one replaces the notebooks' network. */
  readonly addresses: AddressPlan;

  /** Whether the notebooks' network has no way out of the Docker host. Changing it replaces the network. */
  readonly closed: boolean;

  /**
   * Whether the engine can keep the Docker host itself off a closed network (28 or newer).
   *
   * @default false
   */
  readonly isolatedGateway?: boolean;

  /**
   * Subnets of the networks whose addresses the engine chooses otherwise. Changing one replaces that network.
   *
   * @default none
   */
  readonly subnets?: { readonly [role in "public" | "control" | "egress"]?: string | undefined };

  /**
   * Largest packet of all networks, in bytes. Changing it replaces them.
   *
   * @default the engine's
   */
  readonly mtu?: number | undefined;

  /**
   * Whether there is a network for a proxy's way out.
   *
   * @default false
   */
  readonly egress?: boolean;
}

/** Without the gateway a refresh would find one that the program does not know, and replace the network. */
function chosen(subnet: string | undefined): Pick<docker.NetworkArgs, "ipamConfigs"> {
  const cidr = subnet === undefined ? undefined : parseCidr(subnet);
  return cidr === undefined
    ? {}
    : { ipamConfigs: [{ subnet: formatCidr(cidr), gateway: addressAt(cidr, 1) }] };
}

/**
 * The networks of a Docker host:
 *
 * - `public`: the reverse proxy, whose ports are published on it;
 * - `notebooks`: notebook servers, the hub, and the reverse proxy that routes to both;
 * - `control`: the reverse proxy's API and the Docker API filter, for the hub only. It is internal, and no
 *   notebook is ever on it;
 * - `egress`: the egress proxy's way out, where there is one.
 */
export class Networks extends pulumi.ComponentResource {
  readonly public: docker.Network;
  readonly notebooks: docker.Network;
  readonly control: docker.Network;
  readonly egress: docker.Network | undefined;

  constructor(name: string, args: NetworksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:network:Networks", name, {}, opts);
    const { addresses, closed } = args;
    const size = mtuOption(args.mtu);
    const ofSize = args.mtu === undefined ? {} : { options: size };

    const network = (role: string, rest: Partial<docker.NetworkArgs>): docker.Network =>
      new docker.Network(
        `${name}-${role}`,
        {
          name: physicalName(args.prefix, role),
          driver: "bridge",
          internal: false,
          labels: labels(args.prefix, role),
          ...ofSize,
          ...chosen(args.subnets?.[role as "public" | "control" | "egress"]),
          ...rest,
        },
        // Two networks of one name can exist; containers would then join either.
        { parent: this, deleteBeforeReplace: true },
      );
    this.public = network("public", {});
    const { driver, internal, options, subnet, gateway, ipRange } = bridgeShape(
      args.prefix,
      addresses,
      closed,
      args.isolatedGateway ?? false,
      args.mtu,
    );
    this.notebooks = network("notebooks", {
      driver,
      internal,
      options,
      ipamConfigs: [{ subnet, gateway, ...(ipRange === undefined ? {} : { ipRange }) }],
    });
    this.control = network("control", { internal: true });
    this.egress = args.egress
      ? network("egress", { options: { ...bridge(addresses.bridges.egress), ...size } })
      : undefined;
    this.registerOutputs({
      public: this.public.name,
      notebooks: this.notebooks.name,
      control: this.control.name,
    });
  }
}
