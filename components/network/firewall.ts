import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import { healthcheck, type LogRotation, service, serviceOptions } from "../container";
import type { AddressPlan } from "./addresses";
import { FIREWALL_CHECK, type Reach, renderFirewall } from "./firewall-settings";

export interface FirewallArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Id of the firewall's image. */
  readonly image: pulumi.Input<string>;

  /** Addresses and bridges that the rules name. */
  readonly addresses: AddressPlan;

  /** What notebook servers may reach. A change replaces the container; while it is away the old rules hold. */
  readonly reach: Reach;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * Holds the rules between notebook servers and everything else on the Docker host: neighbours, the host, private
 * networks and, in a lockdown, all the rest. It puts them back when they vanish, is unhealthy where the kernel does
 * not take them, and removes them when it ends with no container left on the network.
 */
export class Firewall extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: FirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:network:Firewall", name, {}, opts);

    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "firewall", logging: args.logging }),
        name: physicalName(args.prefix, "firewall"),
        image: args.image,
        // The host's rules are those of its own network. Root in here has this one right, and no files to write.
        networkMode: "host",
        user: "0:0",
        capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["ALL"] },
        readOnly: true,
        // The name servers behind systemd-resolved's stub, which the engine asks; empty on hosts without it.
        volumes: [{ hostPath: "/run/systemd/resolve", containerPath: "/host/resolve", readOnly: true }],
        tmpfs: { "/run": "rw,noexec,nosuid,nodev,size=1m" },
        // Without it the provider kills, and a killed firewall leaves its rules on the host.
        destroyGraceSeconds: 15,
        memory: 128,
        memorySwap: 128,
        envs: [`FIREWALL=${renderFirewall(args.addresses, args.reach)}`],
        healthcheck: healthcheck(FIREWALL_CHECK, { retries: 3 }),
      },
      serviceOptions(this),
    );
    this.registerOutputs({ container: this.container.name });
  }
}
