/** Files in a task of a Swarm's service. Secrets are in its memory, where no engine's archive reaches. */
import * as pulumi from "@pulumi/pulumi";

import { paths } from "../../components/hub/settings/paths";
import { keyName } from "../../config/keys";
import { messageOf } from "../../docker-api/errors";
import { outputOf, type Reached } from "../../docker-api/exec";
import { type NodeHost, taskPlace } from "../../docker-api/task-place";

/** Milliseconds for a command in the container. */
const TIMEOUT = 60_000;

/**
 * A tar archive of the folder with a service's secrets, made in its container.
 *
 * @returns undefined where no task runs
 * @throws pulumi.RunError where one runs that cannot be asked: its secrets are not to be lost for that
 */
export async function filesOfTask(
  manager: Reached,
  service: string,
  hosts: readonly NodeHost[],
): Promise<Buffer | undefined> {
  const place = await taskPlace(manager, service, hosts);
  if (place === undefined) {
    return undefined;
  }
  const { engine, node, container } = place;
  const problem = (reason: string) =>
    new pulumi.RunError(`service ${service}: its secrets cannot be read: it runs on ${node}, ${reason}`);
  if (engine === undefined) {
    throw problem(`whose host is not in ${keyName("swarm.nodes")}`);
  }
  const archive = [
    "sh",
    "-c",
    `tar --create --file - --dereference --directory ${paths.secrets} . | base64 -w 0`,
  ];
  const text = await outputOf(engine, container, archive, TIMEOUT).catch((error: unknown) => {
    throw problem(`whose engine cannot be asked (${messageOf(error)})`);
  });
  if (text === "") {
    throw problem("where reading them printed nothing");
  }
  return Buffer.from(text, "base64");
}
