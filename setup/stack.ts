import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { fromShell, program } from "../config/commands";
import { parseStackFile, type Project, readProject as projectOf, type StackFile } from "../config/stack-file";
import { dockerOf, type DockerSettings } from "../config/stack-file/settings";
import { readText } from "../config/stack-file/yaml";
import type { StateOutputs } from "../stacks/outputs";
import type { ConfigOptions } from "./arguments";
import type { Cli } from "./cli";
import { run } from "./command";
import { refuseLargeConfig } from "./config-size";
import { SetupError } from "./errors";
import { type BaseImage, imagesOf } from "./images";
import type { Machine } from "./machine";
import { readCheckpoint, unreadable } from "./state-copies";

export type { Project } from "../config/stack-file";

/** One environment, as its file describes it. */
export interface Stack {
  readonly name: string;
  /** Pulumi.<name>.yaml */
  readonly file: string;
  readonly text: string;
  /** `encryptionsalt` of the file or of its private copy. */
  readonly salt: string | undefined;
  readonly content: StackFile;
  /** `jupyterhub:docker` */
  readonly docker: DockerSettings;
  /** Images that its configuration asks for. */
  readonly images: readonly BaseImage[];
}

/** A state that is kept in a folder. */
export interface FileBackend {
  readonly folder: string;
}

export const readProject = (machine: Machine): Project => projectOf(machine.root);

/**
 * @param options of this run
 * @throws SetupError naming the stacks that there are; StackFileError where the file is none
 */
export function readStack(machine: Machine, name: string, options?: ConfigOptions): Stack {
  return readAs(machine, name, (text) => {
    const other = readOther(machine, options);
    const content = parseStackFile(other ?? text, readProject(machine), name, options?.overrides);
    refuseLargeConfig(content, other === undefined ? `Pulumi.${name}.yaml` : (options?.file ?? name));
    return content;
  });
}

/** The same for a command that works on the file, as the one does that corrects what is wrong in it. */
export function readStackToEdit(machine: Machine, name: string): Stack {
  const project = readProject(machine).name;
  return readAs(machine, name, () => ({ project, stack: name, values: {} }));
}

/** Text of the file that takes the place of the stack's in this run. */
const readOther = (machine: Machine, options?: ConfigOptions): string | undefined =>
  options?.file === undefined ? undefined : readText(resolve(machine.root, options.file), options.file);

function readAs(machine: Machine, name: string, parse: (text: string) => StackFile): Stack {
  const file = join(machine.root, `Pulumi.${name}.yaml`);
  if (!existsSync(file)) {
    const known = stackNames(readdirSync(machine.root));
    throw new SetupError(
      `Stack "${name}": expected its configuration in Pulumi.${name}.yaml, which does not exist.`,
      known.length > 0 ? `There are: ${known.join(", ")}.` : "There is no Pulumi.<stack>.yaml here.",
      `To create it: cp ${fromShell(`Pulumi.${known.includes("dev") ? "dev" : (known[0] ?? "dev")}.yaml`)} ${fromShell(`Pulumi.${name}.yaml`)}`,
      `Edit it, then run: ${program("up")} ${name}`,
    );
  }
  const text = readText(file, `Pulumi.${name}.yaml`);
  const copy = privateConfigFile(machine, name);
  const content = parse(text);
  return {
    name,
    file,
    text,
    content,
    salt:
      saltOf(text) ??
      (existsSync(copy) ? saltOf(readFileSync(copy, "utf8")) : undefined) ??
      saltOfState(machine, name),
    docker: dockerOf(content),
    images: imagesOf(content),
  };
}

/** Names of the stacks whose files are in a folder. */
export function stackNames(files: readonly string[]): string[] {
  return files.flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []).sort();
}

/** The folder of a `file://` backend; undefined for a backend elsewhere, which has its own ways with secrets. */
export function fileBackend(machine: Machine, project: Project): FileBackend | undefined {
  const url = machine.env.PULUMI_BACKEND_URL || project.backendUrl;
  if (!url?.startsWith("file://")) {
    return undefined;
  }
  const path = url.slice("file://".length).replace(/\?.*$/, "");
  return { folder: path.startsWith("~") ? join(homedir(), path.slice(1)) : resolve(machine.root, path) };
}

// --- the private copy of the stack's file

export const privateConfigFile = (machine: Machine, stack: string): string =>
  join(machine.root, ".state", "config", `Pulumi.${stack}.yaml`);

const salts = /^encryptionsalt:[ \t]*["']?([^\s"']+)["']?[ \t]*$/m;

export function saltOf(text: string): string | undefined {
  return salts.exec(text)?.[1];
}

/** The salt that the state has secrets with: the private copy may be gone, or the run that made it was killed. */
function saltOfState(machine: Machine, stack: string): string | undefined {
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  try {
    const salt =
      backend && readCheckpoint(stateFile(backend, project, stack)).latest?.secrets_providers?.state?.salt;
    return typeof salt === "string" ? salt : undefined;
  } catch {
    // There is none, or none that can be read, which is told where it is needed.
    return undefined;
  }
}

/** Whether a stack's file says itself how secrets are encrypted; it is used as it is then. */
export function namesSecrets(text: string): boolean {
  return /^(encryptionsalt|encryptedkey|secretsprovider):/m.test(text);
}

/** A stack's file with the salt that pulumi would else write into the tracked one. */
export function withSalt(text: string, salt: string | undefined): string {
  const body = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return salt === undefined ? body : `${body}encryptionsalt: ${salt}\n`;
}

/**
 * Writes the private copy anew from the tracked file.
 * @returns its path, or undefined where the tracked file is used in place.
 */
export function writePrivateConfig(machine: Machine, stack: Stack): string | undefined {
  if (namesSecrets(stack.text)) {
    return undefined;
  }
  const file = privateConfigFile(machine, stack.name);
  mkdirSync(join(machine.root, ".state", "config"), { recursive: true, mode: 0o700 });
  const text = withSalt(stack.text, stack.salt);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    // Another run may do the same now.
    const part = `${file}.${process.pid}`;
    writeFileSync(part, text, { mode: 0o600 });
    renameSync(part, file);
  }
  return file;
}

// --- the state

/** Where a file backend has the states of a project's stacks. */
export const stateFolder = (backend: FileBackend, project: Project): string =>
  join(backend.folder, ".pulumi", "stacks", project.name);

const stateFile = (backend: FileBackend, project: Project, stack: string): string =>
  join(stateFolder(backend, project), `${stack}.json`);

/** A resource or an operation that was under way, as far as it matters here. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface State {
  readonly resources: readonly StateResource[];
  readonly pending: readonly { readonly type: string; readonly resource: StateResource }[];
  readonly outputs: StateOutputs;
}

/** Reads the state of a file backend; undefined where the stack does not exist yet. */
export function readState(backend: FileBackend, project: Project, stack: string): State | undefined {
  const plain = stateFile(backend, project, stack);
  // With PULUMI_DIY_BACKEND_GZIP pulumi packs it.
  const file = [plain, `${plain}.gz`].find((candidate) => existsSync(candidate));
  if (file === undefined) {
    return undefined;
  }
  let latest: { resources?: StateResource[]; pending_operations?: State["pending"] } | null | undefined;
  try {
    latest = readCheckpoint(file).latest as typeof latest;
  } catch (error) {
    throw unreadable(stack, file, join(backend.folder, ".pulumi", "backups", project.name, stack), error);
  }
  const resources = latest?.resources ?? [];
  const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return { resources, pending: latest?.pending_operations ?? [], outputs: root?.outputs ?? {} };
}

/**
 * Makes the stack in a file backend, without letting pulumi write into the tracked file.
 * @returns the private copy, as `writePrivateConfig` does.
 */
export async function createStack(
  machine: Machine,
  cli: Cli,
  env: Readonly<Record<string, string | undefined>>,
  backend: FileBackend,
  project: Project,
  stack: Stack,
): Promise<string | undefined> {
  mkdirSync(backend.folder, { recursive: true, mode: 0o700 });
  // `pulumi stack init` knows no --config-file: it runs beside a copy, and the salt it writes there is taken over.
  mkdirSync(join(machine.root, ".state"), { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(machine.root, ".state", "init-"));
  try {
    const copy = join(folder, `Pulumi.${stack.name}.yaml`);
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${project.name}\nruntime: nodejs\n`);
    writeFileSync(copy, namesSecrets(stack.text) ? stack.text : withSalt(stack.text, stack.salt), {
      mode: 0o600,
    });
    await run(cli.path, ["stack", "init", stack.name, "--no-select", "--non-interactive"], {
      machine,
      cwd: folder,
      env: { ...env, PULUMI_BACKEND_URL: `file://${backend.folder}` },
    });
    return writePrivateConfig(machine, { ...stack, salt: saltOf(readFileSync(copy, "utf8")) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
