/**
 * What brings a stack up again beside what is on its Docker host: its configuration, its state and its passphrase. They
 * are laid beside what the backup's container saves, which is encrypted as all of a backup is.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { places } from "../components/backup/settings";
import { ignoring } from "../docker-api/errors";
import { physicalName } from "../docker-api/naming";
import type { Machine } from "./machine";
import { passphraseFile } from "./passphrase";
import { fileBackend, privateConfigFile, readProject, stateFolder } from "./stack";

/** Files of a stack, by their paths from the project's folder, as far as they are there. */
export function ownFiles(machine: Machine, stack: string): string[] {
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  const states =
    backend === undefined
      ? []
      : [`${stack}.json`, `${stack}.json.gz`].map((name) => join(stateFolder(backend, project), name));
  return (
    [
      join(machine.root, `Pulumi.${stack}.yaml`),
      privateConfigFile(machine, stack),
      passphraseFile(machine),
      ...states,
    ]
      .filter((file) => existsSync(file))
      .map((file) => relative(machine.root, file))
      // A state that is kept elsewhere is saved where it is.
      .filter((path) => !path.startsWith(".."))
  );
}

/**
 * Lays them into the backup's container.
 *
 * @returns how many; undefined where the stack has no such container
 */
export async function layForBackup(
  docker: Docker,
  machine: Machine,
  stack: string,
  prefix: string,
): Promise<number | undefined> {
  const files = ownFiles(machine, stack);
  const archive = pack();
  for (const path of files) {
    archive.entry({ name: `stack/${path}`, mode: 0o600 }, readFileSync(join(machine.root, path)));
  }
  archive.finalize();
  const container = docker.getContainer(physicalName(prefix, "backup"));
  const done = await container
    .putArchive(archive, { path: places.own })
    .then(() => true)
    .catch(ignoring(404));
  return done === true ? files.length : undefined;
}
