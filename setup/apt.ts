import { run, type Say } from "./command";
import { SetupError } from "./errors";
import { findProgram, type Machine, searchPath } from "./machine";

/** Debian or Ubuntu, and the right to install there. */
export function canInstall(machine: Machine): boolean {
  return machine.isRoot && findProgram("apt-get", searchPath(machine)) !== undefined;
}

// Steps run side by side, but dpkg lets in one at a time.
let queue: Promise<unknown> = Promise.resolve();
let listsAreFresh = false;

/**
 * Installs Debian packages, one call after the other.
 * @throws SetupError naming the packages where there is no apt or no right to use it.
 */
export function install(machine: Machine, packages: readonly string[], say: Say): Promise<void> {
  const turn = queue.then(() => installNow(machine, packages, say));
  queue = turn.catch(() => undefined);
  return turn;
}

async function installNow(machine: Machine, packages: readonly string[], say: Say): Promise<void> {
  if (!canInstall(machine)) {
    throw new SetupError(
      `Missing programs: ${packages.join(", ")}.`,
      machine.isRoot
        ? "Install them with this machine's package manager, then run ./up again."
        : `sudo apt-get install -y ${packages.join(" ")}`,
    );
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (!listsAreFresh) {
    say("apt-get update");
    await run("apt-get", ["update", "-qq"], { machine, env });
    listsAreFresh = true;
  }
  say(`apt-get install ${packages.join(" ")}`);
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    machine,
    env,
    say,
  });
}
