/**
 * Run by Pulumi. Environment: SWARM_ADVERTISE (may be empty), SWARM_NODES as JSON, and the manager as in
 * docker-api/environment.ts. The manager's certificates are used for the other machines too.
 */
import { environmentClient } from "../../docker-api/environment";
import { formSwarm, type Member } from "./membership";

/** Milliseconds for an answer. Joining takes the engine up to 20 s. */
const TIMEOUT = 40_000;

export async function run(): Promise<void> {
  const { SWARM_ADVERTISE, SWARM_NODES } = process.env;
  await formSwarm(
    (host) =>
      environmentClient(host === undefined ? process.env : { ...process.env, DOCKER_HOST: host }, TIMEOUT),
    SWARM_ADVERTISE || undefined,
    JSON.parse(SWARM_NODES ?? "[]") as Member[],
    (line) => {
      console.error(line);
    },
  );
}
