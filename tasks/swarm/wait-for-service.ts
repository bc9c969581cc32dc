/** Run by Pulumi. Environment: SERVICE (id), and the manager as in docker-api/environment.ts. */
import { environmentClient } from "../../docker-api/environment";
import { waitForService } from "./convergence";

/** Milliseconds: all nodes pull an image of notebook servers meanwhile, which may have some GiB. */
const TIMEOUT = 15 * 60_000;

export async function run(): Promise<void> {
  const docker = await environmentClient(process.env, 60_000);
  await waitForService(docker, process.env["SERVICE"] ?? "", TIMEOUT);
}
