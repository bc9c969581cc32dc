import * as pulumi from "@pulumi/pulumi";

import { keyName, setKeyCommand } from "../config/keys";
import { configuredClient, type DockerAddress } from "../docker-api/environment";
import { type SwarmInfo, swarmInfo } from "../docker-api/swarm";

export interface SwarmPreflightArgs {
  /** The manager, as configured. */
  readonly docker: DockerAddress;
  /** For the command that helps. */
  readonly stack: string;
}

/** What keeps this engine from being the manager of a stack, or undefined. */
export function managerProblem(info: SwarmInfo, stack: string): string | undefined {
  const { LocalNodeState: state, ControlAvailable, RemoteManagers, Error: reason } = info.Swarm;
  if (state === "inactive" || (state === "active" && ControlAvailable)) {
    return undefined;
  }
  if (state === "active") {
    const managers = (RemoteManagers ?? []).map(({ Addr }) => Addr.replace(/:\d+$/, "")).join(", ");
    return (
      `${keyName("docker.host")}: expected a manager of the Swarm, got ${info.Name}, which is a worker. ` +
      `Name a manager (${managers}) with: ${setKeyCommand(stack, "docker.host", "ssh://user@host")}`
    );
  }
  return (
    `${keyName("docker.host")}: expected a manager of a Swarm, got ${info.Name}, whose Swarm is ${state}` +
    `${reason ? ` (${reason})` : ""}. See: docker info`
  );
}

/**
 * Checks what has to be true of a Swarm before anything changes there.
 *
 * @throws pulumi.RunError with all that is wrong, each with its fix.
 */
export async function preflightSwarm(args: SwarmPreflightArgs): Promise<void> {
  const docker = await configuredClient(args.docker);
  const problem = managerProblem(await swarmInfo(docker), args.stack);
  if (problem !== undefined) {
    throw new pulumi.RunError(problem);
  }
}
