import * as pulumi from "@pulumi/pulumi";

import { STACK_LABEL } from "../components/naming";
import { diskProblem, freeBytes } from "./disk";
import { dockerHost, inspectEngine, publishedPorts, usedSubnets, type Engine } from "./engine";
import { interfaceSubnets, subnetInUse } from "./subnets";
import { listening, portInUse, publisher, type WantedPort } from "./ports";

export type { Engine } from "./engine";
export { wantedPorts } from "./ports";

export interface PreflightArgs {
  /** Prefix of the stack: ports that its own containers publish are free for it. */
  readonly prefix: string;
  /** Configured Docker host, or undefined for the environment's. */
  readonly host: string | undefined;
  readonly address: string;
  readonly ports: readonly WantedPort[];
  /** Addresses of the notebooks' network, and its interface on the host. */
  readonly subnet: string;
  readonly bridge: string;
}

/**
 * Checks what has to be true of the Docker host before anything changes there: an engine answers, its disk has room, its networks leave the addresses free, and
 * the ports are free or the stack's own. It runs at preview, so nothing is half done when it fails.
 *
 * @throws pulumi.RunError with all that is wrong, each with its fix.
 */
export async function preflight(args: PreflightArgs): Promise<Engine> {
  const host = dockerHost(args.host, process.env);
  const [engine, published, networks] = await Promise.all([
    inspectEngine(host),
    publishedPorts(host),
    usedSubnets(host),
  ]);

  const problems: string[] = [];
  // The disk of another machine cannot be looked at from here.
  const free = engine.localSocket === undefined ? undefined : await freeBytes(engine.dataFolder);
  const full = free === undefined ? undefined : diskProblem(engine.dataFolder, free);
  if (full !== undefined) problems.push(full);

  const others = [
    ...networks.filter(({ labels }) => labels[STACK_LABEL] !== args.prefix),
    ...(engine.localSocket === undefined ? [] : interfaceSubnets(args.bridge)),
  ];
  const taken = subnetInUse(args.subnet, others);
  if (taken !== undefined) problems.push(taken);

  for (const wanted of args.ports) {
    const other = publisher(published, wanted.port, args.address);
    if (other !== undefined) {
      if (other.labels[STACK_LABEL] !== args.prefix) {
        problems.push(portInUse(wanted, `the container ${other.container} publishes`));
      }
    } else if (engine.localSocket !== undefined && (await listening(wanted.port, args.address))) {
      problems.push(
        portInUse(
          wanted,
          `another process on this machine listens on (see: ss -ltnp 'sport = :${wanted.port}')`,
        ),
      );
    }
  }
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
  return engine;
}
