/** Stopping people's servers: by the hub, so that it and its pages know at once; by the engine where there is no hub. */
import { z } from "zod";

import { ignoring } from "../../docker-api/errors";
import { plain } from "../../docker-api/plain";
import { hubCommand } from "../../setup/stacks";
import type { Answer } from "../answer";
import { askInside, hubPlace, type Place, placeOf } from "../hub-place";
import { swarmOf } from "../node/stack-file";
import type { OpenStack } from "../stack";
import { type Server, servers } from "./list";

/** Which servers. */
export interface Wanted {
  /** A person; undefined for everybody. */
  readonly user: string | undefined;
  /** Name of the server, empty for the default one; undefined for all of the person's. */
  readonly server: string | undefined;
}

interface Stopped {
  readonly user: string;
  readonly server: string;
  /** Why it did not stop, or null. */
  readonly problem: string | null;
}

/** Seconds for everybody's servers to end: the hub stops ten at a time, each within ten seconds. */
const TIMEOUT = 3600;

const answer = z.object({
  version: z.literal(1),
  servers: z.array(z.object({ user: z.string(), server: z.string(), problem: z.string().nullable() })),
});

/** Seconds for a server to end before the engine kills it. */
const GRACE = 10;

export async function stop(stack: OpenStack, wanted: Wanted): Promise<Answer> {
  const hub = swarmOf(stack) === undefined ? await placeOf(stack, "hub") : await hubPlace(stack, "servers");
  const found = hub === undefined ? await byEngine(stack, wanted) : await byHub(hub, wanted, stack.name);
  return render(found, wanted);
}

async function byHub(hub: Place, { user, server }: Wanted, stack: string): Promise<readonly Stopped[]> {
  const words = [
    "stop-servers",
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(server === undefined ? [] : [`--server=${server}`]),
  ];
  const found = await askInside(hub, words, answer, {
    failed: "servers: the hub did not stop them",
    gone: [
      "servers: the hub was stopped or replaced meanwhile. Servers may run on: look at them.",
      hubCommand("servers list", stack),
    ],
    timeout: TIMEOUT,
  });
  return found.servers;
}

/** The hub notices at its next start. */
async function byEngine(stack: OpenStack, wanted: Wanted): Promise<readonly Stopped[]> {
  const chosen = (await servers(stack)).filter((one) => HELD.has(one.state) && isWanted(one, wanted));
  return Promise.all(
    chosen.map(async ({ user, server, state, container }) => {
      if (state === "paused") {
        await stack.docker.getContainer(container).unpause();
      }
      await stack.docker.getContainer(container).stop({ t: GRACE }).catch(ignoring(304, 404));
      return { user, server, problem: null };
    }),
  );
}

/** States in which a server has memory. */
const HELD: ReadonlySet<string> = new Set(["running", "paused", "restarting"]);

const isWanted = (one: Server, { user, server }: Wanted): boolean =>
  (user === undefined || one.user === user) && (server === undefined || one.server === server);

/** What came of it. */
export function render(found: readonly Stopped[], { user }: Wanted): Answer {
  const lines = [...found]
    .sort((a, b) => (`${a.user}/${a.server}` < `${b.user}/${b.server}` ? -1 : 1))
    .map(({ user: owner, server, problem }) => {
      const which = server === "" ? `The server of ${owner}` : `Server ${server} of ${owner}`;
      // Whoever took over the hub could have written it.
      return plain(problem === null ? `${which} was stopped.` : `${which} was not stopped: ${problem}.`);
    });
  const nothing = user === undefined ? "No server runs." : `No such server of ${user} runs.`;
  return {
    text: (lines.length === 0 ? [nothing] : lines).join("\n"),
    json: found,
    failed: found.some(({ problem }) => problem !== null),
  };
}
