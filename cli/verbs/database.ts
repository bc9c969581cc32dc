/**
 * `./hub database`: a copy of the hub's database, of whatever kind it is, as one SQLite file. Only the Docker API is used,
 * so it works against a remote host too.
 */
import { createWriteStream, existsSync, openSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";

import { eachFile } from "../../docker-api/archive";
import { SetupError } from "../../setup/errors";
import { type Answer, print } from "../answer";
import { restore } from "../database/restore";
import { databaseAccess, output, withThrowAway } from "../database/throw-away";
import { withReport } from "../program";
import { type OpenStack, openStack } from "../stack";

/** Where a copy is in a throw-away container. */
const COPY = "/tmp/copy.sqlite";

const PROGRAM = "jupyterhub-on-docker";

async function dump(stack: OpenStack, file: string): Promise<Answer> {
  if (existsSync(file)) {
    throw new SetupError(`${file}: expected a file that does not exist yet.`);
  }
  const { arguments: more, prepare, ...given } = await databaseAccess(stack);
  const both = `${PROGRAM} database dump "$@" && ${PROGRAM} database check "$1"`;
  return withThrowAway(stack, given, ["sh", "-c", both, "sh", COPY, ...more], async (container) => {
    await prepare(container);
    const described = await output(container);
    await eachFile(await container.getArchive({ path: COPY }), (content) =>
      pipeline(content, createWriteStream("", { fd: openSync(file, "wx", 0o600) })),
    );
    return { text: `${file}: ${described}`, json: { file, described } };
  });
}

export function define(command: Command): void {
  withReport(command.command("dump"))
    .description(
      "copy the hub's database, as of now, to an SQLite file, whatever kind of database; the hub may be stopped",
    )
    .argument("<file>", "the file to create")
    .addHelpText(
      "after",
      "\nThe file contains token hashes and people's encrypted login state: protect it like a password.",
    )
    .action(async (file: string, _options: object, self: Command) => {
      print(self, await dump(await openStack(self), file));
    });
  withReport(command.command("restore"))
    .description("replace the hub's database with such a file and restart the hub; servers keep running")
    .argument("<file>", "a file that dump wrote")
    .option("--at-next-start", "restore at the hub's next start, to change the kind of database")
    .addHelpText(
      "after",
      "\nThe file is checked first: if it cannot be restored, nothing is changed or restarted.\n" +
        "A copy of the replaced database is kept on the hub's volume.",
    )
    .action(
      async (file: string, { atNextStart = false }: { readonly atNextStart?: boolean }, self: Command) => {
        print(self, await restore(await openStack(self), file, atNextStart));
      },
    );
}
