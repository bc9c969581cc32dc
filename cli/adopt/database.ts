/** The older hub's database, copied to where the stack's hub takes it from at its next start. The original stays as it is. */
import { posix } from "node:path";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { OWNER } from "../../components/hub/settings/paths";
import { eachFile } from "../../docker-api/archive";
import { ignoring } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { labels, physicalName } from "../../docker-api/naming";
import { SetupError } from "../../setup/errors";

/** Ends of the files that SQLite may have beside the database. */
const SIDES = ["", "-wal", "-journal"];

/** Copies through SQLite itself: what a killed hub was writing is in a file beside it. */
const PROGRAM = `
import os, sqlite3
old, new = sqlite3.connect("/tmp/old.sqlite"), sqlite3.connect("/new/restore.sqlite.part")
old.backup(new)
count = new.execute("SELECT count(*) FROM users").fetchone()[0]
new.close()
os.chmod("/new/restore.sqlite.part", 0o600)
for path in ("/new/restore.sqlite.part", "/new"):
    os.chown(path, ${OWNER.uid}, ${OWNER.gid})
os.replace("/new/restore.sqlite.part", "/new/restore.sqlite")
print(count)
`;

/**
 * @param hub the stopped container
 * @param file of the database in it
 * @returns number of people in the copy
 * @throws SetupError where it cannot be copied; the stack's volume has no copy then
 */
export async function layReady(
  docker: Docker,
  hub: Docker.ContainerInspectInfo,
  file: string,
  prefix: string,
): Promise<{ readonly volume: string; readonly people: number }> {
  const volume = physicalName(prefix, "hub-data");
  const owned = (role: string) =>
    Object.fromEntries(labels(prefix, role).map(({ label, value }) => [label, value]));
  const files = await databaseFiles(docker.getContainer(hub.Id), file);
  await docker.createVolume({ Name: volume, Labels: owned("hub-data") });
  const copier = await docker.createContainer({
    // It has Python and SQLite, and is there.
    Image: hub.Image,
    User: "0:0",
    Entrypoint: ["python3", "-c", PROGRAM],
    Cmd: [],
    Labels: owned("database-copy"),
    HostConfig: {
      NetworkMode: "none",
      CapDrop: ["ALL"],
      CapAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
      SecurityOpt: ["no-new-privileges"],
      Mounts: [{ Type: "volume", Source: volume, Target: "/new" }],
    },
  });
  try {
    const archive = pack();
    for (const [end, content] of files) {
      archive.entry({ name: `old.sqlite${end}`, mode: 0o600 }, content);
    }
    archive.finalize();
    await copier.putArchive(archive, { path: "/tmp" });
    await copier.start();
    const { StatusCode: code } = (await copier.wait()) as { StatusCode: number };
    const said = demultiplex(await copier.logs({ stdout: true, stderr: true })).trim();
    if (code !== 0) {
      throw new SetupError(
        `adopt: the database ${file} could not be copied: ${said.split("\n").at(-1) ?? ""}`,
      );
    }
    return { volume, people: Number(said) };
  } finally {
    await copier.remove({ force: true });
  }
}

async function databaseFiles(container: Docker.Container, file: string): Promise<[string, Buffer][]> {
  const found: [string, Buffer][] = [];
  for (const end of SIDES) {
    const archive = await container.getArchive({ path: `${file}${end}` }).catch(ignoring(404));
    if (archive === undefined) {
      continue;
    }
    await eachFile(archive, async (content, name) => {
      const whole = await buffer(content);
      if (name === posix.basename(`${file}${end}`)) {
        found.push([end, whole]);
      }
    });
  }
  if (!found.some(([end]) => end === "")) {
    throw new SetupError(`adopt: expected the hub's database ${file} in its container, found none.`);
  }
  return found;
}
