/** Backups: where they can be made, and that they do not save themselves. */
import type { Report, Values } from "./report";
import { words } from "./words";

export function checkBackup({ variant, backup, storage }: Values, report: Report): void {
  if (backup === undefined) {
    return;
  }
  if (variant === "swarm") {
    report.refuse(["backup"], words`a stack on one host: in a Swarm, homes are on several nodes`, {
      remove: true,
    });
  }
  const tree = storage?.homes.kind === "tree" ? storage.homes.root : undefined;
  if (tree !== undefined && `${backup.to}/`.startsWith(`${tree}/`)) {
    report.refuse(
      ["backup", "to"],
      words`a folder outside of ${report.key(["storage", "homes", "root"])}, which is saved there`,
    );
  }
  const name = storage?.homes.kind === "volume" ? (storage.homes.name ?? "") : "";
  if (name.startsWith("{username}")) {
    report.refuse(
      ["backup"],
      words`homes whose volumes begin with a text of their own (${report.key(["storage", "homes", "name"])}): backups take volumes by their names`,
      { remove: true },
    );
  }
  for (const folder of ["/proc", "/sys", "/dev", "/run", "/var/lib/docker"]) {
    if (`${backup.to}/`.startsWith(`${folder}/`)) {
      report.refuse(["backup", "to"], words`a folder that is kept when the Docker host restarts`);
    }
  }
}
