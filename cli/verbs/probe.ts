/** `npm run probe -- --stack STACK`: tries all that a notebook server must not reach or do, as `pulumi up` does at its end. */
import { stackOf } from "../../setup/arguments";
import { openStack } from "../stack";
import { checkIsolation } from "../../tasks/self-check/isolation";

async function main(argv: readonly string[]): Promise<void> {
  const { docker, prefix } = await openStack(stackOf(argv, process.env));
  const holes = await checkIsolation(docker, prefix);
  for (const hole of holes) console.error(hole);
  if (holes.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`the probes could not be run: ${(error as Error).message}`);
  process.exitCode = 2;
});
