import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { type DockerAddress, dockerEnvironment } from "../../docker-api/environment";
import { physicalName, prefixVariable } from "../../docker-api/naming";
import { taskCommand } from "../../tasks/command";
import { healthcheck, limits, service, serviceOptions, uploads } from "../container";
import { answers } from "../health";
import { attachments, filesOf, type HubContentsArgs } from "./contents";
import { HUB_PORT } from "./settings/paths";

export interface HubArgs extends HubContentsArgs {
  /** The Docker host as configured. */
  readonly docker: DockerAddress;

  /** Path of the site, with a `/` at both ends. */
  readonly baseUrl: string;

  /** Seconds that the hub has to become healthy. */
  readonly startTimeout: number;
}

/**
 * The hub: logs people in, starts their servers, and writes the reverse proxy's routes. Running servers and their
 * routes do not need it: they go on while it is replaced.
 */
export class Hub extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: HubArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:Hub", name, {}, opts);

    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "hub", logging: args.logging }),
        name: physicalName(args.prefix, "hub"),
        image: args.image,
        ...limits(2048),
        ...attachments(args),
        uploads: uploads(filesOf(args)),
        healthcheck: healthcheck(answers(HUB_PORT, `${args.baseUrl}hub/health`), { startPeriod: "30s" }),
        // The provider would wait for a hub that ends again and again, too, to the last second.
        wait: false,
        stopTimeout: 20,
      },
      serviceOptions(this),
    );
    // What depends on the hub finds it ready. Where it does not come up, the one before it is put back.
    new command.local.Command(
      `${name}-ready`,
      {
        create: taskCommand("wait-for-hub"),
        // Another time limit is none for a hub that runs.
        update: "true",
        environment: {
          ...prefixVariable(args.prefix),
          START_TIMEOUT: String(args.startTimeout),
          ...dockerEnvironment(args.docker),
        },
        triggers: [this.container.id],
        logging: command.local.Logging.None,
      },
      { parent: this },
    );
    this.registerOutputs({ container: this.container.name });
  }
}
