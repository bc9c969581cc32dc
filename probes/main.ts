/**
 * `npm run probe -- --stack STACK`: tries all that a notebook server must not reach or do, from inside one, and prints a table.
 * `pulumi up` ends with the same (STACK_PREFIX and DOCKER_HOST in the environment), and fails where it finds a hole.
 */
import type Docker from "dockerode";

import { environmentClient } from "../docker-api/environment";
import { stackOf } from "../setup/arguments";
import { openStack } from "../tools/stack";
import { isBad, problems, table } from "./report";
import { tryAll } from "./run";
import { isSwarm } from "./swarm-facts";
import { tryNodes } from "./swarm-run";

/** The stack of the environment, as Pulumi gives it, else the one that is named. */
async function wanted(argv: readonly string[]): Promise<{ docker: Docker; prefix: string }> {
  const prefix = process.env["STACK_PREFIX"];
  if (prefix !== undefined) return { docker: await environmentClient(), prefix };
  return openStack(stackOf(argv, process.env));
}

async function main(argv: readonly string[]): Promise<void> {
  const { docker, prefix } = await wanted(argv);
  const rows = await ((await isSwarm(docker, prefix)) ? tryNodes : tryAll)(docker, prefix);
  console.log(table(rows));
  const unproven = rows.filter(({ verdict }) => verdict === "closed, unproven").length;
  console.log(
    `\n${rows.length} tried, ${rows.filter(isBad).length} wrong, ${unproven} closed where the control found nothing either`,
  );
  for (const problem of problems(rows)) console.error(problem);
  if (rows.some(isBad)) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`the probes could not be run: ${(error as Error).message}`);
  process.exitCode = 2;
});
