import * as pulumi from "@pulumi/pulumi";

import type { LimitsConfig, StorageConfig } from "../../config";
import { answers } from "../health";
import { filter, filterSettings } from "../hub/docker-filter";
import type { NodeFirewall } from "../hub/settings/wiring";
import { MANAGERS, type SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";

const REGISTRY_AUTH = "registry_auth";

export interface SwarmDockerFilterArgs extends SwarmCommonArgs {
  /** Images, by digest, that notebook servers may be made from. */
  readonly images: readonly pulumi.Input<string>[];
  /** People's data: no other folder, driver or option may be mounted. */
  readonly storage: StorageConfig;
  /** The most that a notebook server may have of each. */
  readonly limits: LimitsConfig;
  /** What the placement of every notebook server has to say. */
  readonly constraints: readonly string[];
  /** Shared folder with the hub's data, or undefined for a volume. */
  readonly data: string | undefined;
  /** Services whose tasks the hub may see. */
  readonly prePullers: readonly string[];
  readonly firewall: NodeFirewall;
}

/**
 * Stands between the hub and the API of the Swarm, on every manager. It lets through the calls that make and watch
 * services of this stack's notebook servers. The registry's password is here, and not in the hub.
 */
export class SwarmDockerFilter extends pulumi.ComponentResource {
  readonly host: string = `tcp://${filter.alias}:${filter.port}`;

  constructor(name: string, args: SwarmDockerFilterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmDockerFilter", name, {}, opts);
    const { storage } = args;
    const settings = pulumi
      .all([args.networks.notebooks.name, pulumi.all([...args.images])])
      .apply(([network, images]) =>
        JSON.stringify({
          ...filterSettings({
            prefix: args.prefix,
            network,
            images,
            storage,
            limits: args.limits,
            logging: args.logging,
          }),
          swarm: {
            constraints: [...args.constraints].sort(),
            data: args.data ?? null,
            prePullers: [...args.prePullers].sort(),
            firewall: args.firewall,
            registryAuth: args.auth === undefined ? null : `/run/secrets/${REGISTRY_AUTH}`,
          },
        }),
      );
    const root = storage.homes.kind === "tree" ? storage.homes.root : undefined;
    const folders = [...new Set([root, args.data].filter((path) => path !== undefined))];
    new SwarmService(
      name,
      {
        ...args,
        role: "docker-filter",
        args: ["jupyterhub-on-docker", "docker-filter"],
        // Whoever may talk to the engine owns the host: root in here adds nothing, and its group differs by host.
        user: "0:0",
        // To give new homes to their users, on a share that may not trust root.
        ...(folders.length === 0 ? {} : { capabilities: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"] }),
        networks: [{ id: args.networks.control.id, aliases: [filter.alias] }],
        constraints: [MANAGERS],
        replicas: "global",
        mounts: [
          { type: "bind", source: filter.hostSocket, target: filter.socket },
          ...folders.map((path) => ({ type: "bind", source: path, target: `${filter.hostFolders}${path}` })),
        ],
        configs: [{ file: "/etc/jupyterhub/filter.json", content: settings }],
        secrets: args.auth === undefined ? [] : [{ file: REGISTRY_AUTH, content: registryHeader(args.auth) }],
        healthcheck: answers(filter.port, "/_ping"),
      },
      { parent: this },
    );
    this.registerOutputs({ host: this.host });
  }
}

/** The value of X-Registry-Auth: what an engine takes a login in. */
function registryHeader(auth: NonNullable<SwarmCommonArgs["auth"]>): pulumi.Output<string> {
  return pulumi
    .all([auth.serverAddress, auth.username ?? "", auth.password ?? ""])
    .apply(([serveraddress, username, password]) =>
      Buffer.from(JSON.stringify({ username, password, serveraddress })).toString("base64url"),
    );
}
