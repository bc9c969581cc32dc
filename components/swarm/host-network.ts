/**
 * Prints the id that a Swarm has for the network that is the nodes' own. Run by Pulumi. Environment: the manager as in
 * docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";

async function main(): Promise<void> {
  const docker = await environmentClient();
  // The client's types do not know the scope, without which the engine tells of its own network of that name.
  const network = docker.getNetwork("host") as unknown as {
    inspect(query: { scope: string }): Promise<{ Id: string }>;
  };
  console.log((await network.inspect({ scope: "swarm" })).Id);
}

main().catch((error: unknown) => {
  console.error(`the Swarm's network "host": ${(error as Error).message}`);
  process.exitCode = 1;
});
