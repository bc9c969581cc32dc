/** Files in a task of a Swarm's service. Secrets are in its memory, where no engine's archive reaches. */
import { paths } from "../../components/hub/settings/paths";
import { outputOf, type Reached } from "../../docker-api/exec";
import { type NodeHost, taskPlace } from "../../docker-api/task-place";

/** Milliseconds for a command in the container. */
const TIMEOUT = 20_000;

/**
 * A tar archive of the folder with a service's secrets, made in its container.
 *
 * @returns undefined where no task runs, or its node's engine cannot be asked
 */
export async function filesOfTask(
  manager: Reached,
  service: string,
  hosts: readonly NodeHost[],
): Promise<Buffer | undefined> {
  const place = await taskPlace(manager, service, hosts);
  if (place?.engine === undefined) {
    return undefined;
  }
  const archive = [
    "sh",
    "-c",
    `tar --create --file - --dereference --directory ${paths.secrets} . | base64 -w 0`,
  ];
  const text = await outputOf(place.engine, place.container, archive, TIMEOUT).catch(() => "");
  return text === "" ? undefined : Buffer.from(text, "base64");
}
