/** `./hub check`: looks whether people can log in and start servers, as `./up` does at its end. */
import type { Command } from "commander";

import { findEngine } from "../../setup/engine";
import { failedLogs } from "../../setup/failed-containers";
import { lookAt, type Looked } from "../../setup/look";
import { thisMachine } from "../../setup/machine";
import { fileBackend, readProject, readStack } from "../../setup/stack";
import { renderFindings, renderUnmade } from "../../setup/verify/finding";
import { print } from "../answer";
import { withReport } from "../program";
import { openStack } from "../stack";

async function known(name: string): Promise<Looked> {
  const machine = thisMachine();
  const stack = readStack(machine, name);
  const project = readProject(machine);
  const engine = await findEngine(machine, stack.docker);
  return {
    machine,
    stack,
    project,
    backend: fileBackend(machine, project),
    engine: typeof engine === "string" ? undefined : engine,
  };
}

export function define(command: Command): void {
  withReport(command)
    .addHelpText(
      "after",
      "\nIt asks for the login page and the API through the published port, the hub for its database, its way to Docker and\n" +
        "its disk, and the Docker host for the images of people's servers. The exit code is 1 where something is wrong.",
    )
    .action(async (_options: object, self: Command) => {
      const stack = await openStack(self);
      const { findings, unmade } = await lookAt(await known(stack.name), stack.prefix);
      const isWell = findings.length === 0;
      const text = isWell ? ["Everything that was checked works."] : renderFindings(findings, new Date());
      print(self, {
        text: [...text, ...renderUnmade(unmade)].join("\n"),
        json: { works: isWell, findings, unmade },
        failed: !isWell,
      });
      if (!isWell) {
        (await failedLogs(stack.docker, stack.name, stack.prefix)).forEach(stack.tell);
      }
    });
}
