/**
 * Prints the commit that a ref of a Git repository stands for. Environment: REPOSITORY, REF, and PULUMI_COMMAND_STDOUT
 * (what was printed before).
 */
import { keyName } from "../../config/keys";
import { COMMIT, resolveRef } from "./git";

export async function run(): Promise<void> {
  const { REPOSITORY = "", REF = "", PULUMI_COMMAND_STDOUT } = process.env;
  // Another repository or ref makes another resource. So this is the same one asked again, and a branch that has gone on
  // meanwhile must not change anybody's image.
  const before = PULUMI_COMMAND_STDOUT?.trim() ?? "";
  if (COMMIT.test(before)) {
    console.log(before);
    return;
  }
  const commit = await resolveRef(REPOSITORY, REF).catch((error: unknown) => {
    throw new Error(
      `${keyName("notebook")}: a Git image could not be looked up: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  });
  console.log(commit);
}
