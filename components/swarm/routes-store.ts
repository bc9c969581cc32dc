import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { physicalName } from "../../docker-api/naming";
import { answers } from "../health";
import { USER } from "../hub/settings/paths";
import { ROUTES, routesSettings, type RouteTargets } from "../proxy/routes";
import { MANAGERS, type SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";

const ALIAS = "redis";
const PORT = 6379;

interface RoutesStoreArgs extends SwarmCommonArgs {
  /** Image of the hub, which has the server of routes. */
  readonly server: pulumi.Input<string>;
  /** Where routes may lead to; undefined for anywhere. */
  readonly targets: RouteTargets | undefined;
  /** Path or address of the hub's pages, with a slash at its end. */
  readonly hub: string;
}

const PASSWORD = "redis_password";

/**
 * Redis with the routes, which outlive a restart on its node, and beside it a server that gives all of them to the
 * replicas of Traefik, on every manager. Traefik would not hear of changes after a restart of Redis (traefik#6832).
 */
export class RoutesStore extends pulumi.ComponentResource {
  readonly url = `redis://${ALIAS}:${PORT}`;
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: RoutesStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:RoutesStore", name, {}, opts);
    this.password = new random.RandomPassword(
      `${name}-password`,
      { length: 32, special: false },
      { parent: this },
    ).result;
    const configuration = this.password.apply((password) =>
      [`requirepass ${password}`, `port ${PORT}`, "bind * -::*", "dir /data", "appendonly yes", ""].join(
        "\n",
      ),
    );
    new SwarmService(
      name,
      {
        ...args,
        role: "redis",
        args: ["redis-server", "/run/secrets/redis.conf"],
        user: USER,
        networks: [{ id: args.networks.control.id, aliases: [ALIAS] }],
        constraints: [MANAGERS],
        replicas: 1,
        mounts: [{ type: "volume", source: physicalName(args.prefix, "routes"), target: "/data" }],
        secrets: [{ file: "redis.conf", content: configuration }],
      },
      { parent: this },
    );
    new SwarmService(
      `${name}-server`,
      {
        ...args,
        image: args.server,
        role: "routes-server",
        args: ["jupyterhub-on-docker", "routes"],
        user: USER,
        networks: [{ id: args.networks.control.id, aliases: [ROUTES.alias] }],
        constraints: [MANAGERS],
        replicas: "global",
        configs: [
          {
            file: ROUTES.file,
            content: routesSettings(
              { kind: "redis", url: this.url, password: PASSWORD },
              args.targets,
              args.hub,
            ),
          },
        ],
        secrets: [{ file: PASSWORD, content: this.password }],
        healthcheck: answers(ROUTES.port, "/health"),
      },
      { parent: this },
    );
    this.registerOutputs({ url: this.url });
  }
}
