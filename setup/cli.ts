import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import { isReachable, run, type Say } from "./command";
import { messageOf } from "./errors";
import { buildCli } from "./fallback/cli/build";
import type { Machine } from "./machine";

/** The version that `./up` installs where there is none. */
export const CLI_VERSION = "3.259.0";
/** Older command lines do not take the secrets manager from the state (PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER). */
export const OLDEST_CLI = "3.180.0";

/** A Pulumi command line. */
export interface Cli {
  readonly path: string;
  /** Empty for a development build, which does not know its own. */
  readonly version: string;
}

/** -1, 0 or 1, as for sort. Suffixes such as "-dev" are left aside. */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string): number[] =>
    version.replace(/^v/, "").split(/[-+]/, 1).join("").split(".").map(Number);
  const [a, b] = [numbers(left), numbers(right)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return Math.sign(difference);
    }
  }
  return 0;
}

/** The first that is new enough; one that does not know its version is taken as it is. */
export function chooseCli(found: readonly Cli[]): Cli | undefined {
  return found.find(({ version }) => version === "" || compareVersions(version, OLDEST_CLI) >= 0);
}

/** Command lines that there are, in the order in which they are taken. */
export function places(machine: Machine): string[] {
  const folders = (machine.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const more = [
    join(machine.home, ".pulumi", "bin"),
    join(machine.cache, "pulumi", "bin"),
    join(machine.cache, "bin"),
  ];
  // The `pulumi` of ./up --env, of this checkout or another, is a way to a command line and none itself.
  return [...new Set([...folders, ...more])]
    .filter((folder) => !folder.endsWith("/.state/bin"))
    .map((folder) => join(folder, "pulumi"))
    .filter((file) => existsSync(file));
}

/** Looks for a command line that is new enough; installs nothing. */
export async function findCli(machine: Machine): Promise<Cli | undefined> {
  const known = readVersions(machine);
  const found: Cli[] = [];
  let changed = false;
  for (const path of places(machine)) {
    const { mtimeMs, size } = statSync(path);
    const key = `${path} ${mtimeMs} ${size}`;
    let version = known[key];
    if (version === undefined) {
      version = await askVersion(path);
      if (version === undefined) {
        continue;
      }
      known[key] = version;
      changed = true;
    }
    found.push({ path, version });
    if (chooseCli(found)) {
      break;
    }
  }
  if (changed) {
    writeVersions(machine, known);
  }
  return chooseCli(found);
}

async function askVersion(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      // Long enough for a busy machine: a program that does not answer counts as none.
      timeout: 60_000,
    });
    return stdout.trim().replace(/^v/, "");
  } catch {
    // Not a program for this machine: another may be.
    return undefined;
  }
}

// Asking the program takes longer than all other checks together, so its answer is kept by path, time and size.
const versionsFile = (machine: Machine): string => join(machine.cache, "cli-versions.json");

function readVersions(machine: Machine): Record<string, string> {
  try {
    return JSON.parse(readFileSync(versionsFile(machine), "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}

function writeVersions(machine: Machine, versions: Record<string, string>): void {
  mkdirSync(machine.cache, { recursive: true });
  writeFileSync(versionsFile(machine), JSON.stringify(versions));
}

/** Installs a command line: with the official installer, or built from its Go module where only that can be had. */
export async function installCli(machine: Machine, say: Say): Promise<Cli> {
  const installer = "https://get.pulumi.com";
  if (await isReachable(installer)) {
    // An older one of the person's own stays as it is.
    const usual = join(machine.home, ".pulumi");
    const root = existsSync(join(usual, "bin", "pulumi")) ? join(machine.cache, "pulumi") : usual;
    try {
      say(`installing Pulumi ${CLI_VERSION} with ${installer} into ${root}`);
      const script = await (await fetch(installer)).text();
      const args = ["-s", "--", "--version", CLI_VERSION, "--install-root", root, "--no-edit-path"];
      await run("sh", args, { machine, input: script, say, cwd: machine.home });
      return { path: join(root, "bin", "pulumi"), version: CLI_VERSION };
    } catch (error) {
      say(`${installer} failed (${messageOf(error)}): building it instead`);
    }
  }
  return { path: await buildCli(machine, CLI_VERSION, say), version: CLI_VERSION };
}

/** The folder that holds the program. */
export function folderOf(cli: Cli): string {
  return dirname(cli.path);
}
