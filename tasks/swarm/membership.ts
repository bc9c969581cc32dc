/**
 * Brings the Swarm to where the configuration wants it: makes one where there is none, and joins the machines that are
 * not in it. Nothing is ever taken out of it here. A join that fails is undone on its machine.
 */
import type Docker from "dockerode";

import { keyName } from "../../config/keys";
import { messageOf } from "../../docker-api/errors";
import { nodesOf, swarmInfo } from "../../docker-api/swarm";
import { until } from "../../docker-api/wait";

export interface Member {
  readonly name: string;
  readonly host: string;
  readonly role: "worker" | "manager";
  readonly address?: string | undefined;
}

interface Tokens {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
}

/** Milliseconds in which a machine that joined has to be ready. */
const READY = 60_000;

/** Gives a client of the machine at an address, or of the manager without one. */
export type Connect = (host?: string) => Promise<Docker>;

/** @throws Error with what is wrong and with which machine. */
export async function formSwarm(
  connect: Connect,
  advertise: string | undefined,
  members: readonly Member[],
  say: (line: string) => void,
): Promise<void> {
  const manager = await connect();
  const before = await swarmInfo(manager);
  if (before.Swarm.LocalNodeState === "inactive") {
    await manager
      .swarmInit({ ListenAddr: "0.0.0.0:2377", ...(advertise ? { AdvertiseAddr: advertise } : {}) })
      .catch((error: unknown) => {
        throw new Error(
          `${before.Name}: the Swarm could not be created: ${messageOf(error)}. ` +
            `If the machine has several addresses, set ${keyName("swarm.advertise")} to the one that other nodes use.`,
        );
      });
    say(`${before.Name}: created a Swarm`);
  }
  const { Swarm } = await swarmInfo(manager);
  if (!Swarm.ControlAvailable) {
    throw new Error(`${before.Name}: expected a manager of the Swarm, got a ${Swarm.LocalNodeState} worker`);
  }
  const { JoinTokens } = (await manager.swarmInspect()) as Tokens;
  const port = Swarm.RemoteManagers?.find(({ NodeID }) => NodeID === Swarm.NodeID)
    ?.Addr.split(":")
    .at(-1);
  const remote = `${Swarm.NodeAddr}:${port ?? 2377}`;

  for (const member of members) {
    const docker = await connect(member.host);
    const info = await swarmInfo(docker).catch((error: unknown) => {
      throw new Error(`${member.name}: no Docker Engine at ${member.host}: ${messageOf(error)}`);
    });
    if (info.Name !== member.name) {
      throw new Error(`${member.name}: the engine at ${member.host} is on a machine called ${info.Name}`);
    }
    const known = (await nodesOf(manager)).find(({ ID }) => ID === info.Swarm.NodeID);
    if (info.Swarm.LocalNodeState !== "inactive") {
      if (known !== undefined) {
        continue;
      }
      throw new Error(
        `${member.name}: is in another Swarm (${info.Swarm.LocalNodeState}). ` +
          `Remove it from there first, with: docker -H ${member.host} swarm leave`,
      );
    }
    const JoinToken = member.role === "manager" ? JoinTokens.Manager : JoinTokens.Worker;
    try {
      await docker.swarmJoin({
        ListenAddr: "0.0.0.0:2377",
        RemoteAddrs: [remote],
        JoinToken,
        ...(member.address ? { AdvertiseAddr: member.address } : {}),
      });
    } catch (error) {
      // The engine goes on trying, and would join later without anybody knowing.
      await docker.swarmLeave({ force: true }).catch(() => undefined);
      throw new Error(
        `${member.name}: could not join the Swarm at ${remote}: ${messageOf(error)}. ` +
          "The nodes need TCP 2377, TCP and UDP 7946 and UDP 4789 between them.",
        { cause: error },
      );
    }
    const id = (await swarmInfo(docker)).Swarm.NodeID;
    const isReady = async (): Promise<boolean> =>
      (await nodesOf(manager)).some(({ ID, Status }) => ID === id && Status.State === "ready");
    if (!(await until(isReady, READY))) {
      throw new Error(`${member.name}: joined, but is not ready after ${READY / 1000} s`);
    }
    say(`${member.name}: joined as ${member.role}`);
    await removeEarlier(manager, member.name, id);
  }
}

/** A machine that had left is in the list under its earlier id, too: two nodes of one name, of which one is down for ever. */
async function removeEarlier(manager: Docker, name: string, id: string): Promise<void> {
  for (const { ID, Description, Status } of await nodesOf(manager)) {
    if (Description.Hostname === name && ID !== id && Status.State === "down") {
      // A manager that is down has to be demoted first, which is for an administrator to decide.
      await manager
        .getNode(ID)
        .remove()
        .catch(() => undefined);
    }
  }
}
