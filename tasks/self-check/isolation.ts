import type Docker from "dockerode";

import { isBad, problems, table } from "./report";
import { tryAll } from "./run";
import { isSwarm } from "./swarm-facts";
import { tryNodes } from "./swarm-run";

/**
 * Tries all that a notebook server must not reach or do, from inside one, and prints a table.
 *
 * @returns a sentence for each hole
 */
export async function checkIsolation(docker: Docker, prefix: string): Promise<readonly string[]> {
  const rows = await ((await isSwarm(docker, prefix)) ? tryNodes : tryAll)(docker, prefix);
  console.log(table(rows));
  const unproven = rows.filter(({ verdict }) => verdict === "closed, unproven").length;
  console.log(
    `\n${rows.length} tried, ${rows.filter(isBad).length} wrong, ${unproven} closed where the control found nothing either`,
  );
  return problems(rows);
}
