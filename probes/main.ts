/**
 * `npm run probe -- [stack]`: tries all that a notebook server must not reach or do, from inside one, and prints a table.
 * `pulumi up` ends with the same (STACK_PREFIX and DOCKER_HOST in the environment), and fails where it finds a hole.
 */
import { readFileSync } from "node:fs";
import Docker from "dockerode";
import { parse } from "yaml";

import { isBad, problems, table } from "./report";
import { tryAll } from "./run";

/** Prefix and Docker host of a stack, from its file. */
function fromFile(stack: string): { prefix: string; host: string | undefined } {
  const { config = {} } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as {
    config?: Record<string, unknown>;
  };
  const name = config["jupyterhub:name"];
  const docker = config["jupyterhub:docker"] as { host?: string } | undefined;
  return { prefix: typeof name === "string" ? name : `jupyterhub-${stack}`, host: docker?.host };
}

async function main(): Promise<void> {
  const given = process.env["STACK_PREFIX"];
  const { prefix, host } =
    given === undefined ? fromFile(process.argv[2] ?? "dev") : { prefix: given, host: undefined };
  if (host !== undefined) process.env["DOCKER_HOST"] = host;

  const rows = await tryAll(new Docker(), prefix);
  console.log(table(rows));
  const unproven = rows.filter(({ verdict }) => verdict === "closed, unproven").length;
  console.log(
    `\n${rows.length} tried, ${rows.filter(isBad).length} wrong, ${unproven} closed where the control found nothing either`,
  );
  for (const problem of problems(rows)) console.error(problem);
  if (rows.some(isBad)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(`the probes could not be run: ${(error as Error).message}`);
  process.exitCode = 2;
});
