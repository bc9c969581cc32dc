import type { DockerSettings } from "../config/stack-file/settings";
import type { Part } from "./arguments";
import { type Cli, findCli, installCli } from "./cli";
import type { Say } from "./command";
import { type EnginePlan, findEngine, type FoundEngine, startEngine } from "./engine";
import { messageOf, SetupError } from "./errors";
import { BASE_IMAGES, type BaseImage, findMissingImages, provideImages } from "./images";
import type { Machine } from "./machine";
import { describePlugins, findPlugins, type Plugins, providePlugins } from "./plugins";
import type { Stack } from "./stack";

/** What a machine has of what a run needs. */
export interface Found {
  readonly engine: FoundEngine | EnginePlan | undefined;
  /** Undefined while there is no engine to ask. */
  readonly missingImages: readonly BaseImage[] | undefined;
  readonly cli: Cli | undefined;
  readonly plugins: Plugins | undefined;
}

export interface Wanted {
  readonly parts: readonly Part[];
  /** `jupyterhub:docker` of the stack. */
  readonly docker?: DockerSettings | undefined;
  /** Images that the stack needs besides those that every stack needs. */
  readonly images?: readonly BaseImage[] | undefined;
  readonly retryOnline: boolean;
}

/** Looks at everything at once. Nothing is started, installed or asked of the network. */
export async function find(machine: Machine, wanted: Wanted): Promise<Found> {
  const wants = (part: Part): boolean => wanted.parts.includes(part);
  const atEngine = async (): Promise<Pick<Found, "engine" | "missingImages">> => {
    if (!wants("engine") && !wants("images")) {
      return { engine: undefined, missingImages: [] };
    }
    const engine = await findEngine(machine, wanted.docker);
    if (!wants("images")) {
      return { engine, missingImages: [] };
    }
    return {
      engine,
      missingImages:
        typeof engine === "string" ? undefined : await findMissingImages(machine, engine, wanted.images),
    };
  };
  const atCli = async (): Promise<Pick<Found, "cli" | "plugins">> => {
    if (!wants("cli") && !wants("plugins")) {
      return { cli: undefined, plugins: undefined };
    }
    const cli = await findCli(machine);
    return { cli, plugins: wants("plugins") ? findPlugins(machine, cli, wanted.retryOnline) : undefined };
  };
  const [engine, cli] = await Promise.all([atEngine(), atCli()]);
  return { ...engine, ...cli };
}

/** What plain pulumi commands need. Many of them do without an engine. */
export async function findForPlain(machine: Machine, stack: Stack): Promise<Found> {
  const [found, engine] = await Promise.all([
    find(machine, { parts: ["cli", "plugins"], retryOnline: false }),
    findEngine(machine, stack.docker).catch(() => undefined),
  ]);
  return { ...found, engine };
}

/** Whether nothing of what is wanted is missing. */
export function isComplete(found: Found, parts: readonly Part[]): boolean {
  const isMissing: Record<Part, boolean> = {
    engine: typeof found.engine !== "object",
    images: found.missingImages?.length !== 0,
    cli: found.cli === undefined,
    plugins: found.plugins === undefined,
  };
  return !parts.some((part) => isMissing[part]);
}

/** Sets up what is missing, with its progress on the terminal (plain lines where there is none). */
export async function complete(machine: Machine, wanted: Wanted, found: Found): Promise<Found> {
  const { Listr } = await import("listr2");
  const state: { -readonly [K in keyof Found]: Found[K] } = { ...found };
  const wants = (part: Part): boolean => wanted.parts.includes(part);
  const failures: unknown[] = [];
  // The other column goes on to its end; what failed is told after that, once and in full.
  const column = async (task: { output: string }, work: (say: Say) => Promise<void>): Promise<void> => {
    try {
      await work((line) => {
        task.output = line.trimEnd();
      });
    } catch (error) {
      failures.push(error);
      throw new Error("see below", { cause: error });
    }
  };
  const columns = new Listr(
    [
      {
        title: "Docker Engine and base images",
        enabled: () =>
          (wants("engine") || wants("images")) && !isComplete(found, wanted.parts.filter(isOfEngine)),
        task: (_, task) =>
          column(task, async (say) => {
            if (typeof state.engine !== "object") {
              state.engine = await startEngine(machine, state.engine ?? "install", say);
            }
            if (wants("images")) {
              const missing =
                state.missingImages ?? (await findMissingImages(machine, state.engine, wanted.images));
              await provideImages(machine, state.engine, missing, say);
              state.missingImages = [];
            }
          }),
      },
      {
        title: "Pulumi CLI and plugins",
        enabled: () => (wants("cli") || wants("plugins")) && !isComplete(found, wanted.parts.filter(isOfCli)),
        task: (_, task) =>
          column(task, async (say) => {
            state.cli ??= await installCli(machine, say);
            if (wants("plugins")) {
              state.plugins ??= await providePlugins(machine, state.cli, wanted.retryOnline, say);
            }
          }),
      },
    ],
    { concurrent: true, exitOnError: false, fallbackRenderer: "simple" },
  );
  await columns.run();
  if (failures.length > 0) {
    throw failures.length === 1 ? failures[0] : new SetupError(failures.map(messageOf).join("\n"));
  }
  return state;
}

const isOfEngine = (part: Part): boolean => part === "engine" || part === "images";
const isOfCli = (part: Part): boolean => !isOfEngine(part);

/** What a machine has of the parts, one line each. */
export function describe(found: Found, parts: readonly Part[]): string[] {
  const lines: Record<Part, string | undefined> = {
    engine:
      typeof found.engine === "object"
        ? `Docker Engine: ${found.engine.version} at ${found.engine.endpoint.host}`
        : undefined,
    images: `Base images: ${BASE_IMAGES.join(", ")}`,
    cli: found.cli && `Pulumi CLI: ${found.cli.path} (${found.cli.version || "development build"})`,
    plugins: found.plugins && describePlugins(found.plugins),
  };
  return parts.map((part) => lines[part]).filter((line) => line !== undefined);
}
