import { program } from "../config/commands";
import type { Cli } from "./cli";
import { run, type Say } from "./command";
import { addressOf } from "./endpoint";
import type { FoundEngine } from "./engine";
import { pulumiEnvironment } from "./environment";
import { messageOf, SetupError } from "./errors";
import { goneFromSwarm } from "./gone";
import { noteRun, removeCutNotes, removeStaleLocks } from "./locks";
import type { Machine } from "./machine";
import { passphraseFits, providePassphrase, readPassphrase } from "./passphrase";
import type { Found } from "./prepare";
import { type Outcome, runPulumi } from "./pulumi";
import { possibleOrphans, removeOrphans, removePassing } from "./recovery";
import {
  createStack,
  type FileBackend,
  fileBackend,
  type Project,
  readProject,
  readState,
  type Stack,
  writePrivateConfig,
} from "./stack";
import { stackPrefix } from "./stack-prefix";
import { hubCommand } from "./stacks";

/** All that a run of pulumi on one stack needs. */
export interface Session {
  readonly machine: Machine;
  readonly stack: Stack;
  readonly project: Project;
  /** Undefined where the state is kept elsewhere than in a folder. */
  readonly backend: FileBackend | undefined;
  readonly cli: Cli;
  readonly engine: FoundEngine | undefined;
  /** Variables that differ from those of the shell. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Brings together a stack and what the machine has.
 * @throws SetupError where the command line or the plugins are missing, or the passphrase.
 */
export function openSession(machine: Machine, stack: Stack, found: Found): Session {
  const { cli, plugins } = found;
  if (!cli || !plugins) {
    throw new SetupError(
      "Pulumi: its command line or its plugins are missing on this machine.",
      program("up"),
    );
  }
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  const engine = typeof found.engine === "object" ? found.engine : undefined;
  const passphraseFile = backend && providePassphrase(machine, stack.name, stack.salt);
  const hasFileBackend = backend !== undefined;
  const facts = { machine, stack: stack.name, cli, plugins, engine, passphraseFile, hasFileBackend };
  return { machine, stack, project, backend, cli, engine, env: pulumiEnvironment(facts) };
}

/** Whether the stack is known not to exist. Of a backend elsewhere nothing is known before it is asked. */
export function isNew({ backend, project, stack }: Session): boolean {
  return backend !== undefined && readState(backend, project, stack.name) === undefined;
}

/**
 * Makes the stack where it does not exist and writes its private configuration anew.
 * @returns the file for `--config-file`, or undefined where Pulumi.<stack>.yaml is used in place.
 */
export async function settleStack(session: Session): Promise<string | undefined> {
  const { machine, stack, project, backend, cli, env } = session;
  if (!backend) {
    await run(cli.path, ["stack", "select", stack.name, "--create", "--non-interactive"], { machine, env });
    return undefined;
  }
  if (isNew(session)) {
    try {
      return await createStack(machine, cli, env, backend, project, stack);
    } catch (error) {
      await explainPassphrase(session);
      throw error;
    }
  }
  return writePrivateConfig(machine, stack);
}

/** Runs pulumi on the stack. What may lock it is noted, so that a lock that it leaves is known for what it is. */
export function runIn(session: Session, args: readonly string[]): Promise<Outcome> {
  const { machine, project, backend, stack, cli, env } = session;
  const locks = backend !== undefined && args[0] !== "preview";
  // Whoever takes a lock away by hand, as recover() says, has what a killed run left as well.
  if (backend !== undefined && args[0] === "cancel") {
    removeCutNotes(backend, project, stack.name);
  }
  const note = locks ? (pid: number) => noteRun(backend, project, stack.name, pid) : undefined;
  return runPulumi(machine, cli, args, env, note);
}

/**
 * Puts right what a run that was interrupted has left: locks of dead processes, half-made resources.
 * @throws SetupError where another run has the stack, or may have it.
 */
export async function recover(session: Session, configFile: string | undefined, say: Say): Promise<void> {
  const { machine, project, backend, stack, engine } = session;
  if (!backend) {
    return;
  }
  const locks = removeStaleLocks(backend, project, stack.name);
  for (const lock of locks) {
    say(`Removed the lock of an earlier run that has ended (process ${lock.pid}, ${lock.timestamp}).`);
  }
  removeCutNotes(backend, project, stack.name);
  const state = readState(backend, project, stack.name);
  if (state === undefined) {
    return;
  }
  if (engine && (locks.length > 0 || state.pending.length > 0)) {
    await removePassing(machine, engine, stackPrefix(machine, stack)).catch((error: unknown) => {
      say(`What the earlier run left on the Docker host could not be removed: ${messageOf(error)}`);
    });
  }
  if (state.pending.length > 0) {
    say(
      `An earlier run was interrupted in ${state.pending.length} operation(s): comparing the state with the engine.`,
    );
    if (engine) {
      await removeOrphans(machine, engine, possibleOrphans(state), say);
    }
    await refresh(session, configFile, ["--clear-pending-creates"]);
    return;
  }
  const isSwarm = stack.content.values.variant === "swarm";
  const gone = engine && isSwarm ? await goneFromSwarm(addressOf(engine.endpoint, machine), state) : [];
  if (gone.length > 0) {
    for (const { object } of gone) {
      say(`${object}: it is gone. It will be recreated.`);
    }
    await refresh(
      session,
      configFile,
      gone.flatMap(({ urn }) => ["--target", urn]),
    );
  }
}

/** Has the state follow the engine. */
async function refresh(
  session: Session,
  configFile: string | undefined,
  options: readonly string[],
): Promise<void> {
  const { stack } = session;
  const config = configFile === undefined ? [] : ["--config-file", configFile];
  const args = ["refresh", "--yes", "--skip-preview", ...options, "--stack", stack.name, ...config];
  const { code } = await runIn(session, args);
  if (code !== 0) {
    await explainPassphrase(session);
    throw new SetupError(
      `The state of stack "${stack.name}" could not be repaired: see pulumi's message above.`,
      hubCommand("pulumi refresh", stack.name),
    );
  }
}

/** @throws SetupError where the passphrase at hand is not the one of the stack's secrets. */
export async function explainPassphrase({ machine, stack, env }: Session): Promise<void> {
  const passphrase = readPassphrase({ ...machine.env, ...env });
  if (
    stack.salt === undefined ||
    passphrase === undefined ||
    (await passphraseFits(stack.salt, passphrase))
  ) {
    return;
  }
  const source =
    machine.env.PULUMI_CONFIG_PASSPHRASE !== undefined
      ? "PULUMI_CONFIG_PASSPHRASE"
      : (machine.env.PULUMI_CONFIG_PASSPHRASE_FILE ?? ".state/passphrase");
  throw new SetupError(
    `Passphrase: the one in ${source} does not decrypt the secrets of stack "${stack.name}".`,
    "Nothing was changed. Put the right passphrase there, or: export PULUMI_CONFIG_PASSPHRASE_FILE=<file with the passphrase>",
  );
}
