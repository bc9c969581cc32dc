/**
 * `look`, before a pull: prints whether the image is there already. `remove`, when it is no longer wanted: removes it, if it
 * was not there before and no container uses it.
 * Environment: IMAGE, PULUMI_COMMAND_STDOUT (what was printed before), and DOCKER_HOST where it is not this machine.
 */
import { environmentClient } from "../../docker-api/environment";
import { ignoring, messageOf } from "../../docker-api/errors";

async function lookOrRemove(
  task: string | undefined,
  name: string,
  before: string | undefined,
): Promise<void> {
  const image = (await environmentClient()).getImage(name);
  if (task === "look") {
    const found = before?.trim() ?? ((await image.inspect().catch(ignoring(404))) ? "present" : "absent");
    console.log(found);
  } else if (before?.trim() === "absent") {
    await image.remove().catch(ignoring(404, 409));
  }
}

export async function run([task]: readonly string[]): Promise<void> {
  const { IMAGE = "", PULUMI_COMMAND_STDOUT } = process.env;
  await lookOrRemove(task, IMAGE, PULUMI_COMMAND_STDOUT).catch((error: unknown) => {
    throw new Error(`could not check or remove the image ${IMAGE}: ${messageOf(error)}`, { cause: error });
  });
}
