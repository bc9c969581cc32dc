/** What the hub says of its own parts: `jupyterhub-on-docker ready`, run in its container. */
import { outputOf, type Reached } from "../../docker-api/exec";
import { parsed } from "../../docker-api/json";
import { found, isRecent, type Look, notMade } from "./finding";
import { dockerCommand, logsCommand, type Subject } from "./subject";

/** Milliseconds for the hub to look at all its parts. */
const TIMEOUT = 15_000;

interface Part {
  readonly title: string;
  /** Role of the container that it needs, where that is one of the stack's. */
  readonly role?: string;
  /** What mends it, or shows more. */
  readonly help: (subject: Subject) => { readonly fix?: string; readonly see?: string };
}

/** The parts by their names there. */
const PARTS: Readonly<Record<string, Part>> = {
  hub: {
    title: "The hub is not ready",
    help: (subject) => ({ fix: dockerCommand(subject, `restart ${subject.prefix}-hub`) }),
  },
  database: {
    title: "The hub's database fails",
    role: "database",
    help: (subject) => ({ see: logsCommand(subject, "hub") }),
  },
  proxy: {
    title: "The hub does not reach the proxy's API, so no new server gets a route",
    role: "proxy",
    help: (subject) => ({ see: logsCommand(subject, "proxy") }),
  },
  docker: {
    title: "The hub does not reach Docker, so no server can start",
    role: "docker-filter",
    help: (subject) =>
      subject.isSwarm
        ? { see: logsCommand(subject, "docker-filter") }
        : { fix: dockerCommand(subject, `restart ${subject.prefix}-docker-filter`) },
  },
  disk: {
    title: "The disk with the hub's data is full or cannot be written",
    help: (subject) => ({ see: dockerCommand(subject, "system df") }),
  },
};

/**
 * Asks the hub in a container.
 * @param sick parts of the stack that are known to be at fault: what the hub says of them is no news
 * @param engine that has the container. @default the subject's
 */
export async function readiness(
  subject: Subject,
  container: string,
  sick: ReadonlySet<string>,
  engine: Reached = subject,
): Promise<Look> {
  const text = await outputOf(engine, container, ["jupyterhub-on-docker", "ready"], TIMEOUT);
  return judgeReadiness(subject, text, sick);
}

/** What the hub's answer means. Pure. */
export function judgeReadiness(subject: Subject, text: string, sick: ReadonlySet<string> = new Set()): Look {
  const parts = partsOf(text);
  if (parts === undefined) {
    return notMade(
      "the hub's database, its way to Docker and its disk: this hub is of a version that cannot tell",
    );
  }
  return found(
    ...Object.entries(parts).flatMap(([name, failure]) => {
      const {
        title,
        role = "",
        help,
      } = PARTS[name] ?? { title: `The hub's part ${name} fails`, help: () => ({}) };
      if (failure === null || sick.has(role)) {
        return [];
      }
      const since = failure.since === null ? undefined : new Date(failure.since);
      return [{ what: `${title}: ${failure.problem}`, since, ...help(subject), settles: isRecent(since) }];
    }),
  );
}

interface Failure {
  readonly problem: string;
  readonly since: string | null;
}

function partsOf(text: string): Readonly<Record<string, Failure | null>> | undefined {
  const { version, parts } = (parsed(text) ?? {}) as {
    version?: unknown;
    parts?: Record<string, Failure | null>;
  };
  return version === 1 ? parts : undefined;
}
