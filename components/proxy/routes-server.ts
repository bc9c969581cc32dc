import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import { healthcheck, limits, type LogRotation, service, serviceOptions, uploads } from "../container";
import { answers } from "../health";
import { paths, USER } from "../hub/settings/paths";
import { ROUTES, routesSettings, type RouteTargets } from "./routes";

export interface RoutesServerArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Id of the hub's image, which has the server. */
  readonly image: pulumi.Input<string>;

  /** Name of the control network. */
  readonly network: pulumi.Input<string>;

  /** Name of the volume that the hub notes routes in. */
  readonly volume: pulumi.Input<string>;

  /** Where routes may lead to; undefined for anywhere. */
  readonly targets: RouteTargets | undefined;

  /** Path or address of the hub's pages, with a slash at its end. */
  readonly hub: string;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * Gives Traefik the routes that the hub notes in a file. It takes where a route begins and where it leads to, and writes
 * the rest itself: a hub that was taken over cannot write limits, rules, certificates or templates for Traefik. It also has
 * the page that people see while the hub or their server is away.
 */
export class RoutesServer extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: RoutesServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:proxy:RoutesServer", name, {}, opts);

    const settings = routesSettings({ kind: "file", path: paths.routes }, args.targets, args.hub);
    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "routes", logging: args.logging }),
        name: physicalName(args.prefix, "routes"),
        image: args.image,
        command: ["jupyterhub-on-docker", "routes"],
        user: USER,
        ...limits(256),
        networksAdvanced: [{ name: args.network, aliases: [ROUTES.alias] }],
        volumes: [{ volumeName: args.volume, containerPath: paths.proxy, readOnly: true }],
        uploads: uploads([{ path: ROUTES.file, content: settings }]),
        healthcheck: healthcheck(answers(ROUTES.port, "/health")),
      },
      serviceOptions(this),
    );
    this.registerOutputs({ container: this.container.name });
  }
}
