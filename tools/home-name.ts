/** The name of the volume with a person's home, for one that the hub has not made yet. */
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";

import { paths } from "../components/hub/settings";
import { physicalName } from "../components/naming";
import { SetupError } from "../setup/errors";
import type { OpenStack } from "./stack";

/** As the spawner escapes names: what is no small letter or digit is `-` and the hexadecimal digits of its bytes. */
export function escapeName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `-${byte.toString(16).padStart(2, "0")}`).join(""),
  );
}

/**
 * What names a person's volume, from the hub's own settings.
 * @throws SetupError for homes that are folders: whoever may reach the host's folders needs no tool for them.
 */
export async function homeVolumeNames(stack: OpenStack): Promise<(user: string) => string> {
  const settings = JSON.parse(await fileOf(stack, paths.settings)) as {
    storage?: { home?: { volume?: { name?: string } | null; tree?: string | null } };
  };
  const home = settings.storage?.home;
  const template = home?.volume?.name;
  if (template === undefined) {
    throw new SetupError(
      `home: expected homes that are volumes, but those of stack "${stack.name}" are folders on the Docker host.`,
      `There: sudo tar --create --gzip --file NAME.tar.gz --directory ${home?.tree ?? ""}/users NAME`,
    );
  }
  return (user) => template.replaceAll("{username}", escapeName(user));
}

/** Text of a file of the hub's container. */
async function fileOf(stack: OpenStack, path: string): Promise<string> {
  const hub = stack.docker.getContainer(physicalName(stack.prefix, "hub"));
  const archive = await hub.getArchive({ path }).catch((): never => {
    throw new SetupError(
      `The hub of stack "${stack.name}" (${stack.prefix}) is not on its Docker host.`,
      "./up",
    );
  });
  const reader = extract();
  let text = "";
  reader.on("entry", (_header, stream, next) => {
    void buffer(stream).then((content) => {
      text += content.toString();
      next();
    }, next);
  });
  await new Promise((resolve, reject) => {
    reader.on("finish", resolve).on("error", reject);
    archive.on("error", reject).pipe(reader);
  });
  return text;
}
