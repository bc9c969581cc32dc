import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import type { ContainerFile } from "../container";
import { answers } from "../health";
import type { HubSecrets } from "../hub/contents";
import { HUB_ALIAS, HUB_PORT, paths, USER } from "../hub/settings/paths";
import { MANAGERS, type SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";

export interface SwarmHubArgs extends SwarmCommonArgs {
  /** Text of the settings file: `renderSettings`. */
  readonly settings: pulumi.Input<string>;
  readonly secrets: HubSecrets;
  /** Path of the site, with a `/` at both ends. */
  readonly baseUrl: string;
  /** Files of the hub that are not secret. */
  readonly files: readonly ContainerFile[];
  /** Where the database is: a volume of one manager, or a folder of all. */
  readonly data: { readonly kind: "local" } | { readonly kind: "shared-path"; readonly path: string };
  /** Host name of the manager that has the hub's data, where they are local. */
  readonly manager: string;
}

/** Where a node has the hub's data. */
export const dataMount = ({ prefix, data }: Pick<SwarmHubArgs, "prefix" | "data">) =>
  data.kind === "local"
    ? { type: "volume", source: physicalName(prefix, "hub-data") }
    : { type: "bind", source: data.path };

/** The hub of a Swarm. It moves to another manager when its own is lost, where its data can be had there. */
export class SwarmHub extends pulumi.ComponentResource {
  /** Known when the hub runs. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: SwarmHubArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmHub", name, {}, opts);
    const { data } = args;
    const hub = new SwarmService(
      name,
      {
        ...args,
        role: "hub",
        user: USER,
        networks: [
          { id: args.networks.notebooks.id, aliases: [HUB_ALIAS] },
          { id: args.networks.control.id, aliases: [] },
        ],
        constraints: [MANAGERS, ...(data.kind === "local" ? [`node.hostname==${args.manager}`] : [])],
        replicas: 1,
        mounts: [{ ...dataMount(args), target: paths.data }],
        configs: [
          { file: paths.settings, content: args.settings },
          ...args.files.map(({ path, ...rest }) => ({ file: path, ...rest })),
        ],
        secrets: Object.entries(args.secrets)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([file, content]) => ({ file, content })),
        healthcheck: answers(HUB_PORT, `${args.baseUrl}hub/health`),
        stopGracePeriod: "20s",
        // One that does not come up gives its place back to the last one that was well.
        rollback: true,
      },
      { parent: this },
    );
    this.ready = hub.ready;
    this.registerOutputs({});
  }
}
