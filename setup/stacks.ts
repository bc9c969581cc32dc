/** Which stack is meant where none is named, and commands for people that name the right one. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { program, shellWord } from "../config/commands";
import type { Machine } from "./machine";
import { standInHome } from "./plugins";
import { fileBackend, readProject, readState, stackNames, stateFolder } from "./stack";

/** Stacks of this checkout. */
export interface Stacks {
  /** Those that have a file here, by name. */
  readonly known: readonly string[];
  /** Those of which there is something, as far as the states are in a folder. */
  readonly deployed: readonly string[];
  /** The one that is meant where none is named; undefined where that has to be asked. */
  readonly meant: string | undefined;
}

/** Looks at the environment, at the states and at what `pulumi stack select` left. */
export function findStacks(machine: Machine): Stacks {
  const known = stackNames(readdirSync(machine.root));
  const deployed = deployedStacks(machine);
  const { PULUMI_STACK: named } = machine.env;
  if (named) {
    return { known, deployed: deployed ?? [], meant: named };
  }
  const selected = selectedStack(machine);
  // Where states are elsewhere, ./up selects the stack that it brings up.
  const candidates = deployed ?? known;
  const meant =
    candidates.find((name) => name === selected) ?? (deployed?.length === 1 ? deployed[0] : undefined);
  return { known, deployed: deployed ?? [], meant };
}

/** Undefined where the states are kept elsewhere than in a folder. */
function deployedStacks(machine: Machine): string[] | undefined {
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  if (backend === undefined) {
    return undefined;
  }
  const folder = stateFolder(backend, project);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = new Set(files.flatMap((file) => /^(.+?)\.json(?:\.gz)?$/.exec(file)?.[1] ?? []));
  const hasResources = (name: string): boolean => {
    try {
      return (readState(backend, project, name)?.resources ?? []).length > 0;
    } catch {
      // Of a state that cannot be read, something may be there. Whoever works on that stack is told.
      return true;
    }
  };
  return [...names].filter(hasResources).sort();
}

/** What `pulumi stack select` was last told in this folder. */
function selectedStack(machine: Machine): string | undefined {
  const project = readProject(machine);
  // Pulumi names the note by the project and a hash of the path of its file.
  const id = createHash("sha1").update(join(machine.root, "Pulumi.yaml")).digest("hex");
  const note = join("workspaces", `${project.name}-${id}-workspace.json`);
  const backend = machine.env.PULUMI_BACKEND_URL || project.backendUrl;
  for (const home of [machine.env.PULUMI_HOME, standInHome(machine), join(machine.home, ".pulumi")]) {
    if (!home) {
      continue;
    }
    try {
      const { stack, stacks = {} } = JSON.parse(readFileSync(join(home, note), "utf8")) as {
        readonly stack?: string;
        readonly stacks?: Readonly<Record<string, string>>;
      };
      const found = (backend === undefined ? Object.values(stacks)[0] : stacks[backend]) ?? stack;
      if (found !== undefined) {
        return basename(found);
      }
    } catch {
      // Nothing was selected there.
    }
  }
  return undefined;
}

/**
 * A command of `./hub` about a stack, right when pasted.
 *
 * @param meant the stack that it would take unasked: named is any other. @default none, so the stack is named
 */
export const hubCommand = (command: string, stack: string, meant?: string): string =>
  `${program("hub")} ${command}${stack === meant ? "" : ` --stack ${shellWord(stack)}`}`;

/** The command that brings a stack up, right when pasted. */
export const upCommand = (stack: string, env: Machine["env"] = process.env): string =>
  stack === (env.PULUMI_STACK || "dev") ? program("up") : `${program("up")} ${shellWord(stack)}`;
