import * as pulumi from "@pulumi/pulumi";

import { STACK_LABEL } from "../components/naming";
import { swarmInfo, type SwarmInfo } from "../components/swarm/engine";
import { overlap, parseSubnet } from "../config/subnet";
import { configuredClient, type DockerAddress } from "../docker-api/environment";

export interface SwarmPreflightArgs {
  readonly prefix: string;
  /** The manager, as configured. */
  readonly docker: DockerAddress;
  /** Networks that the stack makes: the key and the subnet of each. */
  readonly networks: readonly { readonly key: string; readonly subnet: string }[];
}

/** A network as the engine lists it. */
export interface ExistingNetwork {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] | null } | null;
}

/** What keeps this engine from being the manager of a stack, or undefined. */
export function managerProblem(info: SwarmInfo): string | undefined {
  const { LocalNodeState: state, ControlAvailable, RemoteManagers, Error: reason } = info.Swarm;
  if (state === "inactive" || (state === "active" && ControlAvailable)) return undefined;
  if (state === "active") {
    const managers = (RemoteManagers ?? []).map(({ Addr }) => Addr.replace(/:\d+$/, "")).join(", ");
    return (
      `jupyterhub:docker.host: expected a manager of the Swarm, got ${info.Name}, which is a worker. ` +
      `Name a manager (${managers}) with: pulumi config set --path jupyterhub:docker.host ssh://user@host`
    );
  }
  return (
    `jupyterhub:docker.host: expected a manager of a Swarm, got ${info.Name}, whose Swarm is ${state}` +
    `${reason ? ` (${reason})` : ""}. See: docker info`
  );
}

/** Networks of others that the stack's would overlap. */
export function overlaps(
  args: Pick<SwarmPreflightArgs, "prefix" | "networks">,
  existing: readonly ExistingNetwork[],
): string[] {
  return args.networks.flatMap(({ key, subnet }) => {
    const mine = parseSubnet(subnet);
    if (mine === undefined) return [];
    const other = existing.find(
      ({ Labels, IPAM }) =>
        Labels?.[STACK_LABEL] !== args.prefix &&
        (IPAM?.Config ?? []).some(({ Subnet = "" }) => {
          const theirs = parseSubnet(Subnet);
          return theirs !== undefined && overlap(mine, theirs);
        }),
    );
    return other === undefined
      ? []
      : [
          `jupyterhub:${key}: expected a subnet that no network of the Docker host has, got ${subnet}, which overlaps ` +
            `${other.Name}. Choose another with: pulumi config set --path jupyterhub:${key} 172.29.0.0/24`,
        ];
  });
}

/**
 * Checks what has to be true of a Swarm before anything changes there.
 *
 * @throws pulumi.RunError with all that is wrong, each with its fix.
 */
export async function preflightSwarm(args: SwarmPreflightArgs): Promise<void> {
  const docker = await configuredClient(args.docker);
  const [info, networks] = await Promise.all([swarmInfo(docker), docker.listNetworks()]);
  const manager = managerProblem(info);
  const problems = [...(manager === undefined ? [] : [manager]), ...overlaps(args, networks)];
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}
