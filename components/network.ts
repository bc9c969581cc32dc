import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { labels, physicalName } from "./naming";

export interface NetworksArgs {
  /** Prefix of the networks' names and the value of their stack label. Changing it replaces all three. */
  readonly prefix: string;
}

/**
 * The three networks of a Docker host:
 *
 * - `public`: the reverse proxy alone, whose ports are published on it;
 * - `notebooks`: notebook servers, the hub, and the reverse proxy that routes to both;
 * - `control`: the reverse proxy's API and the Docker API filter, for the hub only. It is internal, and no
 *   notebook is ever on it.
 */
export class Networks extends pulumi.ComponentResource {
  readonly public: docker.Network;
  readonly notebooks: docker.Network;
  readonly control: docker.Network;

  constructor(name: string, args: NetworksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:network:Networks", name, {}, opts);

    const network = (role: string, internal: boolean): docker.Network =>
      new docker.Network(
        `${name}-${role}`,
        {
          name: physicalName(args.prefix, role),
          driver: "bridge",
          internal,
          labels: labels(args.prefix, role),
        },
        // Two networks of one name can exist; containers would then join either.
        { parent: this, deleteBeforeReplace: true },
      );

    this.public = network("public", false);
    this.notebooks = network("notebooks", false);
    this.control = network("control", true);
    this.registerOutputs({
      public: this.public.name,
      notebooks: this.notebooks.name,
      control: this.control.name,
    });
  }
}
