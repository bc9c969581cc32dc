/** The engines of a Swarm's nodes, as far as the stack's file has their addresses. */
import type Docker from "dockerode";

import { configuredClient } from "../../docker-api/environment";
import { swarmInfo } from "../../docker-api/swarm";
import type { Swarm } from "./stack-file";

/** A node whose engine can be asked. */
export interface NodeEngine {
  /** Host name; empty for the one host of a stack without a Swarm. */
  readonly name: string;
  readonly docker: Docker;
}

/** Milliseconds for an answer. Joining takes an engine up to 20 s. */
export const TIMEOUT = 40_000;

/** A client of the manager, or of another machine. */
export const machine = ({ address, docker }: Swarm, host?: string): Promise<Docker> =>
  host === undefined ? Promise.resolve(docker) : configuredClient({ ...address, host }, TIMEOUT);

/**
 * The manager and the nodes of the stack's file, each with its engine.
 * @param absent told of a node that does not answer, which is left out then; without it, such a node is an error
 */
export async function openNodes(
  stack: Swarm,
  absent?: (name: string, error: unknown) => void,
): Promise<NodeEngine[]> {
  const { docker } = stack;
  const manager = { name: (await swarmInfo(docker)).Name, docker };
  const others = stack.members.filter(({ name }) => name !== manager.name);
  const opened = await Promise.all(
    others.map(async ({ name, host }): Promise<NodeEngine[]> => {
      try {
        const node = { name, docker: await machine(stack, host) };
        if (absent) {
          await node.docker.ping();
        }
        return [node];
      } catch (error) {
        if (!absent) {
          throw error;
        }
        absent(name, error);
        return [];
      }
    }),
  );
  return [manager, ...opened.flat()];
}
