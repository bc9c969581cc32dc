import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { dockerEnvironment } from "../../docker-api/environment";
import { physicalName } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import { FIREWALL_ROLE } from "../../tasks/swarm/prepared";
import { addressPlan } from "../network/addresses";
import { FIREWALL_CHECK, type Reach, renderNodeFirewall } from "../network/firewall-settings";
import type { SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";

/** Folder of every Linux host that is empty after its start. */
const SHARED_MEMORY = "/dev/shm";

/** Where the firewall's container has it. */
const MOUNTED = "/host/shm";

export interface SwarmFirewallArgs extends SwarmCommonArgs {
  /** Subnets of the overlay networks: who has an address of the first and none of the second is a notebook. */
  readonly subnets: { readonly notebooks: string; readonly control: string };
  /** Private addresses that notebooks may reach nevertheless. */
  readonly allow: Reach["allow"];
}

/**
 * Holds the rules between notebooks and everything else, on every node, also on one that joins later: the firewall of a
 * single host as a service. Notebooks have a folder mounted that it makes when its rules are in: no engine starts one
 * where there have been none since the node's start.
 */
export class SwarmFirewall extends pulumi.ComponentResource {
  readonly name: string;
  /** Folder of a node that is there while the rules are. */
  readonly gate: string;
  /** Known when the rules are on all nodes. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: SwarmFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmFirewall", name, {}, opts);

    const { table } = addressPlan(args.prefix);
    this.name = physicalName(args.prefix, "firewall");
    this.gate = `${SHARED_MEMORY}/${table}`;
    const { allow, subnets } = args;
    // Services name a network by its id, and the provider finds only an engine's own one called `host`.
    const host = new command.local.Command(
      `${name}-host-network`,
      {
        create: taskCommand("host-network"),
        environment: dockerEnvironment(args.docker),
        logging: command.local.Logging.Stderr,
      },
      { parent: this },
    ).stdout.apply((text) => text.trim());
    this.ready = new SwarmService(
      name,
      {
        ...args,
        role: FIREWALL_ROLE,
        // Root in here has this one right, and no files to write.
        user: "0:0",
        capabilities: ["CAP_NET_ADMIN"],
        readOnly: true,
        env: {
          FIREWALL: renderNodeFirewall({ table, subnets, allow, gate: `${MOUNTED}/${table}` }),
        },
        networks: [{ id: host, aliases: [] }],
        // Also where no notebook may run now: constraints change.
        constraints: [],
        replicas: "global",
        mounts: [
          { type: "tmpfs", target: "/run" },
          { type: "bind", source: SHARED_MEMORY, target: MOUNTED },
        ],
        healthcheck: FIREWALL_CHECK,
        // Killed, it leaves its rules on the node.
        stopGracePeriod: "15s",
      },
      { parent: this },
    ).ready;
    this.registerOutputs({ gate: this.gate });
  }
}
