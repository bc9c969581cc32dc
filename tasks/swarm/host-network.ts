/**
 * Prints the id that a Swarm has for the network that is the nodes' own. Run by Pulumi. Environment: the manager as in
 * docker-api/environment.ts.
 */
import { environmentClient } from "../../docker-api/environment";
import { messageOf } from "../../docker-api/errors";

async function hostNetwork(): Promise<string> {
  const docker = await environmentClient();
  // The client's types do not know the scope, without which the engine tells of its own network of that name.
  const network = docker.getNetwork("host") as unknown as {
    inspect(query: { scope: string }): Promise<{ Id: string }>;
  };
  return (await network.inspect({ scope: "swarm" })).Id;
}

export async function run(): Promise<void> {
  const id = await hostNetwork().catch((error: unknown) => {
    throw new Error(`the Swarm's network "host": ${messageOf(error)}`, { cause: error });
  });
  console.log(id);
}
