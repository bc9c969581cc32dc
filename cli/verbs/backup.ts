/** `./hub backup`: a backup now, and which there are. */
import type { Command } from "commander";

import { plain } from "../../docker-api/plain";
import { layForBackup } from "../../setup/backup-files";
import { thisMachine } from "../../setup/machine";
import { table } from "../../tasks/table";
import { type Answer, print } from "../answer";
import { backupPlace, listBackups, makeBackup, type Result } from "../backup/backups";
import { withReport } from "../program";
import { openStack } from "../stack";
import { bytes } from "../status/render";

export function define(command: Command): void {
  withReport(command)
    .option("--list", "list the backups that there are")
    .addHelpText(
      "after",
      "\nSaved are the hub's database, homes and folders of people, ACME certificates, and the stack's configuration, state\n" +
        "and passphrase. People can work meanwhile. See docs/backup.md.",
    )
    .action(async ({ list }: { readonly list?: boolean }, self: Command) => {
      const stack = await openStack(self);
      const place = await backupPlace(stack);
      if (list === true) {
        const all = await listBackups(place);
        const rows = all.map(({ id, time, paths }) => [id, time.slice(0, 19), String(paths.length)]);
        print(self, {
          text:
            all.length === 0 ? "There is no backup yet." : table([["ID", "TIME (UTC)", "FOLDERS"], ...rows]),
          json: all,
        });
        return;
      }
      await layForBackup(stack.docker, thisMachine(), stack.name, stack.prefix);
      print(self, told(await makeBackup(place)));
    });
}

/** @returns what came of it; the exit code is 1 where it is no whole backup */
function told(result: Result): Answer {
  const { problem, snapshot, files, added, seconds, skipped } = result;
  const saved = `Backup ${snapshot ?? ""}: ${files ?? 0} files, ${bytes(added ?? 0)} new, ${seconds} s.`;
  return {
    text: [
      ...(snapshot === null ? [] : [saved]),
      ...skipped.map((one) => `Left out: ${plain(one)}.`),
      ...(problem === null ? [] : [`backup: ${plain(problem)}.`]),
    ].join("\n"),
    json: result,
    failed: problem !== null,
  };
}
