import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import { labels } from "../docker-api/naming";

/** Rotation of a container's log on the Docker host. */
export interface LogRotation {
  /** Size at which a log file is rotated, as Docker writes it, such as `10m`. */
  readonly maxSize: string;

  /** How many rotated files are kept. */
  readonly maxFiles: number;
}

/** A file put into a container before it starts. */
export interface ContainerFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** Text. */
  readonly content?: pulumi.Input<string>;
  /** In place of text: what may be no text. */
  readonly base64?: string;
}

/**
 * What each of the stack's long-running containers has: it comes back by itself, its log is bounded, an init process
 * reaps its children, and it has no privilege that it does not name.
 */
export function service(args: {
  prefix: string;
  role: string;
  logging: LogRotation;
}): Partial<docker.ContainerArgs> & { labels: docker.types.input.ContainerLabel[] } {
  return {
    labels: labels(args.prefix, args.role),
    restart: "unless-stopped",
    init: true,
    logDriver: "json-file",
    logOpts: { "max-size": args.logging.maxSize, "max-file": String(args.logging.maxFiles) },
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    // Left out, the provider reads the engine's value back and sees a difference at every run.
    networkMode: "bridge",
    // The provider returns when the health check passes, so what depends on a service finds it ready.
    wait: true,
  };
}

/**
 * What a container of an ordinary user may use: memory, with no swap on top, and processes. (The provider knows no limit
 * of a container's processes, so it is that of the user, who is the stacks' own on the host.)
 *
 * @param memory MiB
 */
export function limits(
  memory: number,
): Pick<docker.ContainerArgs, "memory" | "memorySwap"> & Pick<docker.ContainerArgs, "ulimits"> {
  return { memory, memorySwap: memory, ulimits: [{ name: "nproc", soft: 4096, hard: 4096 }] };
}

/** Files of a container. They are readable for its user, who is the only one in it. */
export function uploads(files: readonly ContainerFile[]): docker.types.input.ContainerUpload[] {
  return files.map(({ path, content, base64 }) => ({
    file: path,
    ...(base64 === undefined ? { content } : { contentBase64: base64 }),
    permissions: "0444",
  }));
}
