import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { labels } from "../../docker-api/naming";
import { overlayRole, overlayShape } from "../network/notebooks";

export interface OverlayArgs {
  readonly prefix: string;
  /** Subnet and gateway of each network, as CIDR and address. Changing one replaces the network. */
  readonly notebooks: { readonly subnet: string; readonly gateway: string };
  readonly control: { readonly subnet: string; readonly gateway: string };
  /** Whether what goes from node to node is encrypted. */
  readonly encrypted: boolean;
  /** Largest packet in bytes. @default the engine's */
  readonly mtu?: number | undefined;
}

/** The two overlay networks of a Swarm: `notebooks`, and `control`, which is internal and has no notebook on it. */
export class OverlayNetworks extends pulumi.ComponentResource {
  readonly notebooks: docker.Network;
  readonly control: docker.Network;

  constructor(name: string, args: OverlayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:OverlayNetworks", name, {}, opts);

    const network = (role: "notebooks" | "control"): docker.Network => {
      const suffix = overlayRole(role, args.encrypted, args.mtu);
      const {
        name: physical,
        driver,
        internal,
        options,
        subnet,
        gateway,
      } = overlayShape(args.prefix, role, args[role], args.encrypted, args.mtu);
      return new docker.Network(
        `${name}-${suffix}`,
        {
          name: physical,
          driver,
          attachable: role === "notebooks",
          internal,
          ipamConfigs: [{ subnet, gateway }],
          labels: labels(args.prefix, role),
          ...(Object.keys(options).length === 0 ? {} : { options }),
        },
        { parent: this, deleteBeforeReplace: true, ignoreChanges: ["options"] },
      );
    };
    this.notebooks = network("notebooks");
    this.control = network("control");
    this.registerOutputs({ notebooks: this.notebooks.name, control: this.control.name });
  }
}
