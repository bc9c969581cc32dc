import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { physicalName } from "../../docker-api/naming";
import { healthcheck, limits, type LogRotation, service, serviceOptions, uploads } from "../container";
import { answers } from "../health";
import { USER } from "../hub/settings/paths";
import { EGRESS_ALIAS, EGRESS_PORT, type EgressRule, renderEgress } from "./egress-settings";

export interface EgressProxyArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Id of the hub's image, which carries the proxy's program. Changing it replaces the container. */
  readonly image: pulumi.Input<string>;

  /** What may be reached, by whom. A change replaces the container. */
  readonly allow: readonly EgressRule[];

  /** Networks, by name, and the fixed address on the notebooks' one. */
  readonly networks: {
    readonly notebooks: pulumi.Input<string>;
    readonly egress: pulumi.Input<string>;
    readonly address: string;
  };

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * The way out of a lockdown: a proxy with one leg on the notebooks' network and one outside, which lets through what is
 * on a list. Each server has credentials that the hub makes for it, so each request has a user's name.
 */
export class EgressProxy extends pulumi.ComponentResource {
  /** Signs the servers' credentials; for the hub too. Secret. */
  readonly key: pulumi.Output<string>;
  readonly container: docker.Container;

  constructor(name: string, args: EgressProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:network:EgressProxy", name, {}, opts);

    this.key = pulumi.secret(new random.RandomBytes(`${name}-key`, { length: 32 }, { parent: this }).hex);
    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "egress", logging: args.logging }),
        name: physicalName(args.prefix, "egress"),
        image: args.image,
        command: ["jupyterhub-on-docker", "egress"],
        user: USER,
        ...limits(512),
        networksAdvanced: [
          { name: args.networks.notebooks, ipv4Address: args.networks.address, aliases: [EGRESS_ALIAS] },
          { name: args.networks.egress },
        ],
        uploads: uploads([
          { path: "/etc/jupyterhub/egress.json", content: renderEgress(args.allow) },
          { path: "/run/secrets/egress_key", content: this.key },
        ]),
        // Nobody asks, and so it refuses.
        healthcheck: healthcheck(answers(EGRESS_PORT, "http://health/", 407)),
      },
      serviceOptions(this),
    );
    this.registerOutputs({ container: this.container.name });
  }
}
