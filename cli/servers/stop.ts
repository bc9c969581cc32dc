/** Stopping people's servers: by the hub, so that it and its pages know at once; by the engine where there is no hub. */
import type Docker from "dockerode";
import { z } from "zod";

import { ignoring } from "../../docker-api/errors";
import { runIn } from "../../docker-api/exec";
import { parsed } from "../../docker-api/json";
import { ROLE_LABEL } from "../../docker-api/naming";
import { plain } from "../../docker-api/plain";
import { SetupError } from "../../setup/errors";
import { hubCommand, upCommand } from "../../setup/stacks";
import type { Answer } from "../answer";
import { swarmOf } from "../node/stack-file";
import { filters, type OpenStack } from "../stack";
import { enginesOf, type Server, servers } from "./list";

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
  const engines = await enginesOf(stack);
  const hub = (await Promise.all(engines.map(({ docker }) => runningHub(stack, docker)))).find(Boolean);
  if (hub === undefined && swarmOf(stack) !== undefined) {
    throw new SetupError(
      "servers: expected a hub that runs, on a node whose engine can be asked, found none.",
      upCommand(stack.name),
    );
  }
  const found = hub === undefined ? await byEngine(stack, wanted) : await byHub(hub, wanted, stack.name);
  return render(found, wanted);
}

async function runningHub(stack: OpenStack, docker: Docker): Promise<Docker.Container | undefined> {
  const [hub] = await docker.listContainers({
    filters: { ...filters(stack, { [ROLE_LABEL]: "hub" }), status: ["running"] },
  });
  return hub && docker.getContainer(hub.Id);
}

/** @throws SetupError where the hub does not answer, with what it said */
async function byHub(
  hub: Docker.Container,
  { user, server }: Wanted,
  stack: string,
): Promise<readonly Stopped[]> {
  const options = [
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(server === undefined ? [] : [`--server=${server}`]),
  ];
  const command = ["jupyterhub-on-docker", "stop-servers", ...options];
  const { code, output, log } = await runIn(hub, command, TIMEOUT);
  if (code === null) {
    throw new SetupError(
      "servers: the hub was stopped or replaced meanwhile. Servers may run on: look at them.",
      hubCommand("servers list", stack),
    );
  }
  const said = output.trim() === "" ? (log.trim().split("\n").at(-1) ?? "") : output;
  const read = answer.safeParse(parsed(said));
  if (!read.success) {
    throw new SetupError(
      `servers: the hub did not stop them: ${plain(said)
        .replace(/^jupyterhub-on-docker: /, "")
        .slice(0, 500)}`,
    );
  }
  return read.data.servers;
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
