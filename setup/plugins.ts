import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { build, BUILD_VARIABLE, findBuild } from "pulumi-stand-ins";

import { program } from "../config/commands";
import { type Cli, folderOf } from "./cli";
import { isReachable, run, type Say } from "./command";
import { messageOf } from "./errors";
import { findProgram, type Machine } from "./machine";

/** A resource plugin that the program needs. */
export interface PluginName {
  readonly name: string;
  /** Without "v". */
  readonly version: string;
}

/** Variable of the environment that tells the stand-ins which build a run uses. */
export const STAND_INS_VARIABLE = BUILD_VARIABLE;

/** Where Pulumi gets its plugins from in this run. */
export interface Plugins {
  readonly required: readonly PluginName[];
  readonly resources: "real" | "stand-in";
  readonly language: "real" | "stand-in";
  /** Folder of the stand-ins that this checkout's run uses. */
  readonly standIns?: string | undefined;
}

/** Plugins of the npm packages that package.json names: Pulumi asks for the version of the package. */
export function requiredPlugins(root: string): PluginName[] {
  const read = (file: string): Record<string, unknown> =>
    JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const dependencies = read(join(root, "package.json")).dependencies as Record<string, string>;
  return Object.keys(dependencies)
    .filter((name) => name.startsWith("@pulumi/") && name !== "@pulumi/pulumi")
    .sort()
    .map((name) => {
      const manifest = read(join(root, "node_modules", name, "package.json"));
      const pulumi = manifest.pulumi as { name?: string; version?: string } | undefined;
      const version = pulumi?.version ?? (manifest.version as string);
      return { name: pulumi?.name ?? name.slice("@pulumi/".length), version: version.replace(/^v/, "") };
    });
}

/** Of the stand-ins. The person's own Pulumi folder never gets one. */
export const standInHome = (machine: Machine): string => join(machine.cache, "pulumi-home");
/** Holds what was built for this machine: the command line and the stand-in language host. */
export const standInBin = (machine: Machine): string => join(machine.cache, "bin");

/** The person's Pulumi folder: PULUMI_HOME, except where it is ours because of an earlier `eval "$(./up --env)"`. */
export function ownPulumiHome(machine: Machine): string {
  const named = machine.env.PULUMI_HOME;
  return named && resolve(named) !== standInHome(machine) ? resolve(named) : join(machine.home, ".pulumi");
}

/** The real plugins that this machine has. */
export interface RealPlugins {
  readonly missing: readonly PluginName[];
  readonly language: boolean;
}

export function findRealPlugins(
  machine: Machine,
  required: readonly PluginName[],
  cli: Cli | undefined,
): RealPlugins {
  const ours = standInBin(machine);
  const path = (machine.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && resolve(folder) !== ours);
  const plugins = join(ownPulumiHome(machine), "plugins");
  const missing = required.filter(({ name, version }) => {
    const program = `pulumi-resource-${name}`;
    const folder = join(plugins, `resource-${name}-v${version}`);
    // Pulumi leaves a ".partial" file beside a download that did not end.
    const installed = existsSync(join(folder, program)) && !existsSync(`${folder}.partial`);
    return !installed && findProgram(program, path) === undefined;
  });
  const besideCli = cli
    ? [folderOf(cli), dirname(realpathSync(cli.path))].filter((folder) => folder !== ours)
    : [];
  return { missing, language: findProgram("pulumi-language-nodejs", [...path, ...besideCli]) !== undefined };
}

// One failed download is remembered for a day, so that a machine without a way to the internet does not try each time.
const DAY_MS = 24 * 60 * 60 * 1000;
const failureFile = (machine: Machine): string => join(machine.cache, "plugins-failed.json");
const namesOf = (plugins: readonly PluginName[]): string =>
  plugins.map(({ name, version }) => `${name} ${version}`).join(", ");

function failedLately(machine: Machine, missing: readonly PluginName[]): boolean {
  try {
    const file = failureFile(machine);
    return Date.now() - statSync(file).mtimeMs < DAY_MS && readFileSync(file, "utf8") === namesOf(missing);
  } catch {
    return false;
  }
}

/** Looks for plugins that serve without installing anything: the real ones, or stand-ins where those were tried for. */
export function findPlugins(
  machine: Machine,
  cli: Cli | undefined,
  retryOnline: boolean,
): Plugins | undefined {
  const required = requiredPlugins(machine.root);
  const real = findRealPlugins(machine, required, cli);
  const plugins = kinds(required, real);
  if (plugins.resources === "real" && plugins.language === "real") {
    return plugins;
  }
  // The language host comes with the official command line and is never downloaded alone.
  const tried = real.missing.length === 0 || (!retryOnline && failedLately(machine, real.missing));
  const standIns = tried ? findBuild(machine.cache) : undefined;
  return standIns === undefined ? undefined : { ...plugins, standIns };
}

function kinds(required: readonly PluginName[], real: RealPlugins): Plugins {
  return {
    required,
    resources: real.missing.length === 0 ? "real" : "stand-in",
    language: real.language ? "real" : "stand-in",
  };
}

/** Downloads the real plugins where that can be done, else builds the stand-ins. */
export async function providePlugins(
  machine: Machine,
  cli: Cli,
  retryOnline: boolean,
  say: Say,
): Promise<Plugins> {
  const required = requiredPlugins(machine.root);
  let real = findRealPlugins(machine, required, cli);
  if (real.missing.length > 0 && (retryOnline || !failedLately(machine, real.missing))) {
    await download(machine, cli, real.missing, say);
    real = findRealPlugins(machine, required, cli);
    if (real.missing.length > 0) {
      mkdirSync(machine.cache, { recursive: true });
      writeFileSync(failureFile(machine), namesOf(real.missing));
    }
  }
  const plugins = kinds(required, real);
  if (plugins.resources === "real" && plugins.language === "real") {
    return plugins;
  }
  if (findBuild(machine.cache) === undefined) {
    say("building the stand-ins for Pulumi's plugins");
    await build(machine.cache);
  }
  return { ...plugins, standIns: findBuild(machine.cache) };
}

async function download(machine: Machine, cli: Cli, missing: readonly PluginName[], say: Say): Promise<void> {
  if (!(await isReachable("https://get.pulumi.com"))) {
    say("get.pulumi.com cannot be reached from here");
    return;
  }
  const env = { PULUMI_HOME: ownPulumiHome(machine), PULUMI_SKIP_UPDATE_CHECK: "true" };
  for (const { name, version } of missing) {
    try {
      say(`pulumi plugin install resource ${name} v${version}`);
      await run(cli.path, ["plugin", "install", "resource", name, `v${version}`], {
        machine,
        env,
        timeout: 300,
      });
    } catch (error) {
      say(messageOf(error));
      return;
    }
  }
}

/** One line for the person: which plugins this run uses. */
export function describePlugins(plugins: Plugins): string {
  const names = namesOf(plugins.required);
  if (plugins.resources === "stand-in") {
    const language = plugins.language === "stand-in" ? " and the Node.js language host" : "";
    return `Plugins: stand-in plugins for ${names}${language} (try again to install the real ones: ${program("up")} --retry-online)`;
  }
  const language = plugins.language === "stand-in" ? "; a stand-in for the Node.js language host" : "";
  return `Plugins: ${names}${language}`;
}
