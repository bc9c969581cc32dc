/** The hub that a stack has now, as the Docker host shows it: what a preview compares the new configuration with. */
import { paths } from "../components/hub/settings/paths";
import { joinSettings } from "../components/hub/settings/people";
import { archivePath, entriesOf, factsOf, type FileFacts } from "../docker-api/archive";
import type { Address } from "../docker-api/client";
import { ask } from "../docker-api/get";
import { parsed } from "../docker-api/json";
import { ROLE_LABEL, STACK_LABEL, USER_LABEL } from "../docker-api/naming";

/** The hub that is there: running, stopped, or of an earlier version. Nothing of it is changed by looking. */
export interface RunningHub {
  /** Its settings, as that version wrote them: any key may be missing, or be another's. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly running: boolean;
  /** Names of people whose server runs, each once, sorted. */
  readonly servers: readonly string[];
  /** A file in its container, volumes included; undefined where there is none, or on another node of a Swarm. */
  file(path: string): Promise<Buffer | undefined>;
  /** The same for size and time alone. */
  facts(path: string): Promise<FileFacts | undefined>;
}

export interface RunningHubArgs {
  readonly address: Address;
  /** Prefix of the stack's names. */
  readonly prefix: string;
  readonly swarm: boolean;
}

interface ListedContainer {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

interface ListedService {
  readonly Spec: {
    readonly Labels?: Readonly<Record<string, string>>;
    readonly TaskTemplate: {
      readonly ContainerSpec?: {
        readonly Configs?: readonly {
          readonly ConfigID: string;
          readonly File?: { readonly Name: string };
        }[];
      };
    };
  };
}

/**
 * The stack's hub, or undefined where there is none (yet), or nothing can be read of it: then there is nothing to compare
 * with. Two or three short requests.
 */
export async function runningHub(args: RunningHubArgs): Promise<RunningHub | undefined> {
  try {
    return await read(args);
  } catch {
    // What is wrong with the engine itself is said by the checks of it.
    return undefined;
  }
}

async function read({ address, prefix, swarm }: RunningHubArgs): Promise<RunningHub | undefined> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`] }));
  const [containers, services] = await Promise.all([
    json<ListedContainer[]>(address, `/containers/json?all=1&filters=${filters}`),
    swarm ? json<ListedService[]>(address, `/services?filters=${filters}`) : [],
  ]);
  // Of a service's containers those that ended are there for a while as well.
  const hubs = (containers ?? []).filter(({ Labels }) => Labels[ROLE_LABEL] === "hub");
  const container = hubs.find(({ State }) => State === "running") ?? hubs[0];
  const id = container?.Id ?? "";
  const service = (services ?? []).find(({ Spec }) => Spec.Labels?.[ROLE_LABEL] === "hub");
  const settings = swarm
    ? await configOf(address, service)
    : container && (await fileIn(address, id, paths.settings));
  if (settings === undefined) {
    return undefined;
  }
  const own = objectIn(settings);
  if (own === undefined) {
    return undefined;
  }
  const whole =
    "people" in own ? joinSettings(own, await peopleOf(async (path) => fileIn(address, id, path))) : own;
  const servers = [
    ...(containers ?? []).filter(({ State }) => State === "running").map(({ Labels }) => Labels),
    ...(services ?? []).map(({ Spec }) => Spec.Labels ?? {}),
  ]
    .filter((labels) => labels[ROLE_LABEL] === "user")
    .flatMap((labels) => labels[USER_LABEL] ?? []);
  return {
    settings: whole,
    running: swarm || container?.State === "running",
    servers: [...new Set(servers)].sort(),
    file: async (path) => (container === undefined ? undefined : fileIn(address, id, path)),
    facts: async (path) =>
      container === undefined
        ? undefined
        : factsOf(await ask(address, archivePath(id, path), { method: "HEAD" })),
  };
}

/** What the hub works with of people: the last file that was in order; their file where it has not looked at any yet. */
async function peopleOf(file: (path: string) => Promise<Buffer | undefined>): Promise<unknown> {
  for (const path of [paths.lastPeople, paths.people]) {
    const found = await file(path);
    const people = found && objectIn(found);
    if (people !== undefined) {
      return people;
    }
  }
  return {};
}

function objectIn(text: Buffer): Readonly<Record<string, unknown>> | undefined {
  const content = parsed(text.toString());
  return typeof content === "object" && content !== null ? (content as Record<string, unknown>) : undefined;
}

async function json<T>(address: Address, path: string): Promise<T | undefined> {
  const { status, body } = await ask(address, path);
  return status === 200 ? (JSON.parse(body.toString()) as T) : undefined;
}

async function configOf(address: Address, service: ListedService | undefined): Promise<Buffer | undefined> {
  const configs = service?.Spec.TaskTemplate.ContainerSpec?.Configs ?? [];
  const found = configs.find(({ File }) => File?.Name === paths.settings);
  if (found === undefined) {
    return undefined;
  }
  const config = await json<{ Spec: { Data: string } }>(address, `/configs/${found.ConfigID}`);
  return config && Buffer.from(config.Spec.Data, "base64");
}

/** The one file in the archive that the engine makes of a path. */
async function fileIn(address: Address, id: string, path: string): Promise<Buffer | undefined> {
  const { status, body } = await ask(address, archivePath(id, path));
  return status === 200 ? entriesOf(body)[0]?.content : undefined;
}
