/**
 * What the hub keeps of people's servers that ended or did not start: why, and the last lines of their logs. The files are on
 * the hub's volume, in its container; images/hub/jupyterhub_on_docker/servers/kept.py writes them.
 */
import { posix } from "node:path";
import { z } from "zod";

import { paths } from "../components/hub/settings/paths";
import { filesOf } from "../docker-api/archive";
import { statusOf } from "../docker-api/errors";
import { parsed } from "../docker-api/json";
import { ROLE_LABEL } from "../docker-api/naming";
import { plain } from "../docker-api/plain";
import { containersWith, type OpenStack } from "./stack";

const FOLDER = posix.join(paths.data, "ended-servers");

const endedServer = z.object({
  user: z.string(),
  /** Its name; empty for the default server. */
  server: z.string(),
  at: z.iso.datetime(),
  /** Whether it ran before. */
  started: z.boolean(),
  detail: z.string(),
  log: z.array(z.string()),
});
export type EndedServer = z.infer<typeof endedServer>;

/** Those of a person, the oldest first. A file that cannot be read counts for nothing: half of one, say. */
export function endedOf(files: readonly string[], user: string): EndedServer[] {
  const found = files.flatMap((file) => {
    const read = endedServer.safeParse(parsed(file));
    return read.success && read.data.user === user ? [read.data] : [];
  });
  return found.sort((a, b) => a.at.localeCompare(b.at));
}

/** What is kept of a person's servers. Nothing where the hub's container is not on this engine. */
export async function endedServers(stack: OpenStack, user: string): Promise<EndedServer[]> {
  const hubs = await containersWith(stack, { [ROLE_LABEL]: "hub" });
  const files = await Promise.all(
    hubs.map(({ Id }) =>
      filesOf(stack.docker.getContainer(Id), FOLDER).catch((error: unknown) => {
        if (statusOf(error) === 404) {
          return [];
        }
        throw error;
      }),
    ),
  );
  return endedOf(files.flat(), user);
}

/** A line about one of them. */
export function describe({ user, server, at, started, detail }: EndedServer): string {
  const which = server === "" ? "" : ` ${server}`;
  const what = started ? "ended" : "did not start";
  return plain(`${user}'s server${which} ${what} at ${at.slice(0, 19).replace("T", " ")} UTC: ${detail}`);
}
