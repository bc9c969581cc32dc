import * as pulumi from "@pulumi/pulumi";

import { STACK_LABEL } from "../docker-api/naming";
import type { TlsFiles } from "../docker-api/tls";
import { diskProblem, freeBytes } from "./disk";
import {
  dockerAddress,
  type Engine,
  inspectEngine,
  listNetworks,
  publishedPorts,
  usedSubnets,
} from "./docker-host";
import { engineProblems } from "./engine-state";
import { memoryProblem, type WantedMemory } from "./memory";
import { listening, portInUse, publisher, type WantedPort } from "./ports";
import { hostNetworks, networkProblems, type PlannedNetwork, poolProblem } from "./subnets";

export type { Engine } from "./docker-host";
export { wantedPorts } from "./ports";

export interface PreflightArgs {
  /** For commands that help. */
  readonly stack: string;
  /** Prefix of the stack: ports that its own containers publish are free for it. */
  readonly prefix: string;
  /** Configured Docker host, or undefined for the environment's. */
  readonly host?: string | undefined;
  /** Files with the certificates for a configured `tcp://` host. */
  readonly tls?: TlsFiles | undefined;
  readonly address: string;
  readonly ports: readonly WantedPort[];
  /** Networks that the stack makes. */
  readonly networks: readonly PlannedNetwork[];
  readonly isSwarm: boolean;
  /** Whether servers have limits of processor time. */
  readonly limitsCpus: boolean;
  /** Limits of memory that notebook servers have. */
  readonly memory: readonly WantedMemory[];
}

/**
 * Checks what has to be true of the Docker host before anything changes there: an engine answers, its disk has room,
 * its networks leave the addresses free, the ports are free or the stack's own, and no limit is above its memory. It
 * runs at preview, so nothing is half done when it fails.
 *
 * @throws pulumi.RunError with all that is wrong, each with its fix.
 */
export async function preflight(args: PreflightArgs): Promise<Engine> {
  const address = dockerAddress(args, process.env);
  const [engine, published, networks] = await Promise.all([
    inspectEngine(address),
    publishedPorts(address),
    listNetworks(address),
  ]);

  const state = engineProblems(engine.info, {
    stack: args.stack,
    isSwarm: args.isSwarm,
    limitsCpus: args.limitsCpus,
    networks: networks.map(({ Name }) => Name),
  });
  // On another kind of engine nothing else is as it is meant.
  if (state.problems.length > 0) {
    throw new pulumi.RunError(state.problems.join("\n"));
  }
  const problems: string[] = [];
  // The disk of another machine cannot be looked at from here.
  const free = engine.localSocket === undefined ? undefined : await freeBytes(engine.dataFolder);
  const full = free === undefined ? undefined : diskProblem(engine.dataFolder, free);
  if (full !== undefined) {
    problems.push(full);
  }

  const bridges = args.networks.flatMap(({ bridge }) => bridge ?? []);
  const host = hostNetworks(engine, address.host, usedSubnets(networks), bridges);
  const addresses = networkProblems(args.prefix, args.networks, host, args.stack);
  const pools = poolProblem(
    args.prefix,
    args.networks,
    host,
    args.stack,
    engine.info.DefaultAddressPools ?? undefined,
  );
  problems.push(...addresses.problems, ...(pools === undefined ? [] : [pools]));

  for (const wanted of args.ports) {
    const other = publisher(published, wanted.port, args.address);
    if (other !== undefined) {
      if (other.labels[STACK_LABEL] !== args.prefix) {
        problems.push(portInUse(wanted, `the container ${other.container} publishes`, args.stack));
      }
    } else if (engine.localSocket !== undefined && (await listening(wanted.port, args.address))) {
      problems.push(
        portInUse(
          wanted,
          `another process on this machine listens on (see: ss -ltnp 'sport = :${wanted.port}')`,
          args.stack,
        ),
      );
    }
  }
  for (const wanted of args.memory) {
    if (wanted.bytes > engine.memory) {
      problems.push(memoryProblem(wanted, engine.memory, args.stack));
    }
  }
  if (problems.length > 0) {
    throw new pulumi.RunError(problems.join("\n"));
  }
  for (const warning of [...state.warnings, ...addresses.warnings]) {
    void pulumi.log.warn(warning);
  }
  return engine;
}
