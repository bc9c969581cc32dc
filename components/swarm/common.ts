import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import type { DockerAddress } from "../../docker-api/environment";
import type { LogRotation } from "../container";

/** What all services of a Swarm's stack are given. */
export interface SwarmCommonArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;
  /** Image by digest, as in the registry. */
  readonly image: pulumi.Input<string>;
  /** The overlay networks. */
  readonly networks: { readonly notebooks: docker.Network; readonly control: docker.Network };
  /** Platform of all images, such as `linux/amd64`. */
  readonly platform: string;
  /** The manager, as configured. */
  readonly docker: DockerAddress;
  /** Login for the registry. */
  readonly auth: docker.types.input.ServiceAuth | undefined;
  readonly logging: LogRotation;
}

/** Nodes that have the API of the Swarm. */
export const MANAGERS = "node.role==manager";
