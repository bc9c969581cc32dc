/** Run by Pulumi. Environment: SERVICE (id), and the manager as in docker-api/environment.ts. */
import { environmentClient } from "../../docker-api/environment";
import { waitForService } from "./convergence";

const { SERVICE = "" } = process.env;

/** Milliseconds: all nodes pull an image of notebook servers meanwhile, which may have some GiB. */
const TIMEOUT = 15 * 60_000;

environmentClient(process.env, 60_000)
  .then((docker) => waitForService(docker, SERVICE, TIMEOUT))
  .catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
