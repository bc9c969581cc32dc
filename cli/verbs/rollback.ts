/** `./hub rollback`: the hub of before the last update that replaced it, in the place of the one that runs. */
import type { Command } from "commander";

import { valuesOf } from "../../config/stack-file/values";
import { SetupError, UsageError } from "../../setup/errors";
import { hubCommand, upCommand } from "../../setup/stacks";
import { forgetPrevious, type Previous, previousHub, rollBack } from "../../tasks/hub/previous";
import { tellPutBack } from "../../tasks/hub/words";
import { type Answer, print, wantsJson } from "../answer";
import { swarmOf } from "../node/stack-file";
import { withReport } from "../program";
import { type OpenStack, openStack } from "../stack";
import { ask, hasTerminal } from "../terminal";

interface Options {
  readonly yes?: boolean;
  readonly forget?: boolean;
}

export function define(command: Command): void {
  withReport(command)
    .option("--yes", "do not ask before")
    .option("--forget", "remove the hub of before instead, and let its notebook image go")
    .addHelpText(
      "after",
      `
Image, settings and secrets of the hub are those of before that update. If the update has upgraded the schema of the
hub's database, the copy from before the upgrade is restored; the replaced content is kept as a file on the hub's volume.
Servers keep running. Users, groups, limits and profiles stay as they are now. A second rollback goes forward again.

The configuration is not changed: correct it before the next ./up, which brings the newer hub again.`,
    )
    .action(async ({ yes, forget }: Options, self: Command) => {
      const stack = await openStack(self);
      if (swarmOf(stack) !== undefined) {
        throw new SetupError(
          "rollback: expected a stack on one host. In a Swarm, change the configuration back, then run ./up.",
          upCommand(stack.name),
        );
      }
      const previous = await previousHub(stack.docker, stack.prefix);
      if (previous === undefined) {
        throw new SetupError(
          "rollback: expected a hub of before, found none. One is kept when an update replaces the hub by another one.",
        );
      }
      if (forget === true) {
        await forgetPrevious(stack.docker, stack.prefix);
        const left = await previousHub(stack.docker, stack.prefix);
        if (left !== undefined) {
          throw new SetupError("rollback: the hub of before could not be removed.");
        }
        print(self, {
          text: `The hub of before (${describe(previous)}) is removed.`,
          json: { forgotten: true },
        });
        return;
      }
      if (previous.missing.length > 0) {
        throw new SetupError(
          `rollback: ${previous.missing.join(" and ")} of the hub of before: gone from the Docker host. ` +
            "Nothing was changed. Change the configuration back, then run ./up.",
          upCommand(stack.name),
        );
      }
      if (yes !== true) {
        await confirm(previous, wantsJson(self));
      }
      print(self, await goBack(stack, previous));
    });
}

const describe = ({ replaced, container }: Previous): string =>
  `replaced ${replaced.slice(0, 19).replace("T", " ")} UTC, image ${container.Image.slice(7, 19)}`;

/** @throws UsageError where nobody can be asked, or the answer is no */
async function confirm(previous: Previous, quiet: boolean): Promise<void> {
  if (quiet || !hasTerminal()) {
    throw new UsageError("rollback: expected --yes, since there is nobody to ask.");
  }
  const said = await ask(
    `Go back to the hub of before (${describe(previous)})? People cannot log in for some seconds; servers keep running.\n` +
      "If its database had an older schema, the copy of then is restored. Type yes: ",
    (text) => text,
  );
  if (said !== "yes") {
    throw new UsageError("Nothing was changed.");
  }
}

async function goBack({ docker, prefix, file, name }: OpenStack, previous: Previous): Promise<Answer> {
  const { startTimeout } = valuesOf(file, ["hub"]).hub;
  const done = await rollBack(docker, prefix, previous, startTimeout);
  if (done.problem !== undefined) {
    const next = `The stack is as it was. Its log: ${hubCommand("logs hub", name)}`;
    throw new SetupError(
      [
        `rollback: the hub of before does not come up: ${done.problem}`,
        ...tellPutBack(prefix, done.back, next),
      ].join("\n"),
    );
  }
  const { database } = done;
  const lines = [
    `The hub of before (${describe(previous)}) runs and is healthy, instead of the newer one.`,
    database === undefined
      ? "Its database was not changed: the schema is the same."
      : `Its database is the copy from before the upgrade (${database}). The replaced content is kept on the hub's volume.`,
    `Change the configuration back before the next ./up: that would bring the newer hub again.`,
    `To go forward again: ${hubCommand("rollback", name)}`,
  ];
  return {
    text: lines.join("\n"),
    json: { image: previous.container.Image, replaced: previous.replaced, database: database ?? null },
  };
}
