import { delimiter, join } from "node:path";

import { DEFAULT_HOST } from "../docker-api/address";
import { type Cli, folderOf } from "./cli";
import type { FoundEngine } from "./engine";
import type { Machine } from "./machine";
import { type Plugins, STAND_INS_VARIABLE, standInBin, standInHome } from "./plugins";

/** Asks the program to take a stack over that the state does not know. */
export const TAKE_OVER = "JUPYTERHUB_TAKE_OVER";

/** What decides the variables that pulumi needs here. */
export interface EnvironmentFacts {
  readonly machine: Machine;
  readonly stack: string;
  readonly cli: Cli;
  readonly plugins: Plugins;
  readonly engine: FoundEngine | undefined;
  /** Generated for this checkout. */
  readonly passphraseFile: string | undefined;
  readonly hasFileBackend: boolean;
}

/** Variables that differ from those of the shell, for `./up` itself and for `./up --env`. */
export function pulumiEnvironment(facts: EnvironmentFacts): Record<string, string> {
  const { machine, cli, plugins, engine } = facts;
  const env: Record<string, string> = { PULUMI_STACK: facts.stack, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const path = (machine.env.PATH ?? "").split(delimiter);
  const wanted = [folderOf(cli), ...(plugins.language === "stand-in" ? [standInBin(machine)] : [])];
  // In front of an older pulumi that may be on PATH.
  const missing = [...new Set(wanted)].filter((folder) => !path.includes(folder));
  if (missing.length > 0) {
    env.PATH = [...missing, ...path].join(delimiter);
  }
  if (plugins.resources === "stand-in") {
    env.PULUMI_HOME = standInHome(machine);
    env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
  }
  if (plugins.standIns !== undefined) {
    env[STAND_INS_VARIABLE] = plugins.standIns;
  }
  if (facts.passphraseFile !== undefined) {
    env.PULUMI_CONFIG_PASSPHRASE_FILE = facts.passphraseFile;
  }
  if (facts.hasFileBackend) {
    // Plain pulumi commands go on with the secrets of the state instead of starting anew.
    env.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER = "true";
  }
  if (engine?.endpoint.source === "found" && engine.endpoint.host !== DEFAULT_HOST) {
    env.DOCKER_HOST = engine.endpoint.host;
  }
  return env;
}

/** Where `--env` puts a `pulumi` of its own: in front of PATH, and never taken for the real one. */
export const shimFolder = (machine: Machine): string => join(machine.root, ".state", "bin");

/**
 * A `pulumi` for a shell in this checkout. Pulumi writes the salt of its secrets into Pulumi.<stack>.yaml, and the file
 * anew with it; run by way of `./hub pulumi` it has the private copy for that. Elsewhere it is the real one.
 *
 * @param states the folder with the state of each stack
 */
export function shimScript(machine: Machine, cli: Cli, states: string): string {
  return [
    "#!/bin/sh",
    "# Made by ./up --env: pulumi with this checkout's private configuration file.",
    `cd . && [ "$(pwd -P)" = ${quote(machine.root)} ] || exec ${quote(cli.path)} "$@"`,
    // Whatever calls pulumi from there gets the real one.
    `[ -z "\${JUPYTERHUB_PULUMI:-}" ] || exec ${quote(cli.path)} "$@"`,
    // A preview of this shell's stack writes nothing: it goes without the detour, 0.15 s.
    'case "$1 $* " in',
    '  "preview "*" --stack $PULUMI_STACK "*) direct=1 ;;',
    '  *" -s "* | *" --stack"* | *" --config"* | *" -C "* | *" --cwd"*) direct= ;;',
    '  "preview "*) direct=1 ;;',
    "  *) direct= ;;",
    "esac",
    `[ -z "$direct" ] || [ ! -f ${quote(states)}/"$PULUMI_STACK".json ] || exec ${quote(cli.path)} "$@"`,
    'JUPYTERHUB_PULUMI=1 exec ./hub pulumi "$@"',
    "",
  ].join("\n");
}

const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** Lines that a POSIX shell takes with `eval`. */
export function exportLines(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}=${quote(value)}\n`)
    .join("");
}
