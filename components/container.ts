import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { program } from "../config/commands";
import { labels, physicalName } from "../docker-api/naming";
import { type Check, patient, TIMEOUT } from "./health";
import { logDriver, type LogRotation } from "./logging";

export type { LogRotation } from "./logging";

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
    ...logs(args.logging),
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    // Left out, the provider reads the engine's value back and sees a difference at every run.
    networkMode: "bridge",
    // The provider returns when the health check passes, so what depends on a service finds it ready.
    wait: true,
  };
}

function logs(logging: LogRotation): Pick<docker.ContainerArgs, "logDriver" | "logOpts"> {
  const { driver, options } = logDriver(logging);
  return {
    logDriver: driver,
    ...(Object.keys(options).length === 0 ? {} : { logOpts: options }),
  };
}

/** When a container counts as unhealthy. */
interface Patience {
  /** Failures in a row, one a second. @default 9 */
  readonly retries?: number;
  /** How long failures do not count after a start, such as `30s`. @default not at all */
  readonly startPeriod?: string;
}

/** A health check: once a second until it succeeds, then see `health.ts`. */
export function healthcheck(
  check: Check,
  { retries = 9, startPeriod }: Patience = {},
): docker.types.input.ContainerHealthcheck {
  return {
    tests: patient(check),
    interval: "1s",
    timeout: TIMEOUT,
    retries,
    ...(startPeriod === undefined ? {} : { startPeriod }),
  };
}

/**
 * Options of a container with a health check. The provider would take a changed one for an update, which the engine does
 * not have; and of two containers of one name the old one goes first.
 */
export function serviceOptions(
  parent: pulumi.Resource,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return { parent, deleteBeforeReplace: true, replaceOnChanges: ["healthcheck"], ...more };
}

export interface RunOnceArgs extends Pick<
  docker.ContainerArgs,
  "image" | "entrypoints" | "command" | "volumes" | "uploads"
> {
  /** Prefix of the stack's names. */
  readonly prefix: string;
  /** What it is for; it names the container: `<prefix>-<role>`. */
  readonly role: string;
  readonly logging: LogRotation;
  /** What could not be done, for the message when it fails: `Files could not be put in place`. */
  readonly failure: string;
}

/** A container of root's that sets up folders and files, without a network, and ends. The update fails unless it ends with 0. */
export function runOnce(name: string, args: RunOnceArgs, parent: pulumi.Resource): docker.Container {
  const { prefix, role, logging, failure, ...own } = args;
  const container = new docker.Container(
    name,
    {
      ...own,
      name: physicalName(prefix, role),
      user: "0:0",
      networkMode: "none",
      labels: labels(prefix, role),
      // The engine reads these back with CAP_: without it, a refresh would see a difference.
      capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      ...logs(logging),
      restart: "no",
      // That it has ended is as it should be, and the provider waits for the end.
      attach: true,
      mustRun: false,
    },
    { parent, deleteBeforeReplace: true },
  );
  // The provider does not mind how such a container ended.
  container.exitCode.apply((code) => {
    if (code) {
      throw new pulumi.RunError(
        `${failure} (exit code ${code}). See: ${program("hub")} logs ${role} --stack ${pulumi.getStack()}`,
      );
    }
  });
  return container;
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
