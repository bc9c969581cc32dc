import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import {
  type Arguments,
  configOptions,
  type Operation,
  parseArguments,
  type Part,
  PARTS,
  pulumiArguments,
  USAGE,
} from "./arguments";
import { layForBackup } from "./backup-files";
import { client } from "./endpoint";
import { wentAway } from "./engine";
import { exportLines, shimFolder, shimScript, TAKE_OVER } from "./environment";
import { isForPerson, messageOf } from "./errors";
import { openEventLog, renderErrors } from "./events";
import { failedLogs } from "./failed-containers";
import { kept } from "./kept-volumes";
import { putBackIfGone } from "./last-hub";
import { removeStaleLocks } from "./locks";
import { lookAt } from "./look";
import { type Machine, thisMachine } from "./machine";
import { describePlugins } from "./plugins";
import { complete, describe, find, findForPlain, type Found, isComplete, type Wanted } from "./prepare";
import { renderLeft, renderReport } from "./report";
import { explainPassphrase, isNew, openSession, recover, runIn, type Session, settleStack } from "./session";
import { namesSecrets, readStack, readState, stateFolder } from "./stack";
import { stackPrefix } from "./stack-prefix";
import { findStacks, upCommand } from "./stacks";
import { renderFindings } from "./verify/finding";

/** Messages; standard output belongs to pulumi, to the report and to the lines of `--env`. */
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** What an operation needs. A destroy needs no images. */
const neededParts: Record<Operation, readonly Part[]> = {
  up: PARTS,
  preview: PARTS,
  destroy: ["engine", "cli", "plugins"],
};

async function main(argv: readonly string[]): Promise<number> {
  const machine = thisMachine();
  const given = parseArguments(argv, machine.env);
  switch (given.action) {
    case "help":
      process.stdout.write(USAGE);
      return 0;
    case "prepare": {
      const wanted = { parts: given.only, retryOnline: given.retryOnline };
      describe(await ready(machine, wanted), wanted.parts).forEach(tell);
      return 0;
    }
    case "env": {
      const stack = readStack(machine, given.stack);
      process.stdout.write(
        exportLines(shellEnvironment(openSession(machine, stack, await findForPlain(machine, stack)))),
      );
      return 0;
    }
    default:
      return operate(machine, given, given.action);
  }
}

/** The variables for a person's shell, where `pulumi` leaves tracked files alone too. */
function shellEnvironment({ machine, stack, project, backend, cli, env }: Session): Record<string, string> {
  if (!backend || namesSecrets(stack.text)) {
    return { ...env };
  }
  const folder = shimFolder(machine);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const shim = join(folder, "pulumi");
  // Another shell may be running the one that is there: a file that is run cannot be written to.
  const part = `${shim}.${process.pid}`;
  writeFileSync(part, shimScript(machine, cli, stateFolder(backend, project)), { mode: 0o755 });
  renameSync(part, shim);
  const path = (env.PATH ?? machine.env.PATH ?? "").split(delimiter).filter((other) => other !== folder);
  return { ...env, PATH: [folder, ...path].join(delimiter) };
}

async function ready(machine: Machine, wanted: Wanted): Promise<Found> {
  const found = await find(machine, wanted);
  return isComplete(found, wanted.parts) ? found : complete(machine, wanted, found);
}

async function operate(machine: Machine, given: Arguments, operation: Operation): Promise<number> {
  const stack = readStack(machine, given.stack, configOptions(given.passed));
  const wanted = {
    parts: neededParts[operation],
    docker: stack.docker,
    images: stack.images,
    retryOnline: given.retryOnline,
  };
  const found = await ready(machine, wanted);
  const opened = openSession(machine, stack, found);
  const session = given.takeOver ? { ...opened, env: { ...opened.env, [TAKE_OVER]: "true" } } : opened;
  if (found.plugins) {
    tell(describePlugins(found.plugins));
  }
  if (operation === "destroy" && isNew(session)) {
    tell(`Stack "${stack.name}" does not exist: nothing to destroy.`);
    return 0;
  }
  const configFile = await settleStack(session);
  if (operation !== "preview") {
    await recover(session, configFile, tell);
  }
  if (configFile !== undefined && given.passed.some((option) => /^(-c|--config)(=|$)/.test(option))) {
    tell(`Note: --config applies to this run only. To keep it, write it into Pulumi.${stack.name}.yaml.`);
  }
  const prefix = stackPrefix(machine, stack);
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !machine.env.CI;
  const args = pulumiArguments(operation, stack.name, configFile, given.passed, interactive);
  const log = openEventLog(given.passed);
  const withLog = { ...session, env: { ...session.env, ...log.env } };
  const { code, interrupted } = await runIn(withLog, [...args, ...log.options]);
  const errors = log.close();
  if (code !== 0) {
    await explainPassphrase(session);
    if (interrupted) {
      tell(`Interrupted. To continue from here: ${upCommand(stack.name)}`);
      if (operation === "up") {
        await putBackIfGone(session, prefix, tell, "The next ./up replaces this hub with the new one.");
      }
      return code;
    }
    if (operation !== "preview" && session.backend && errors.messages.length === 0) {
      // Two runs at once: Pulumi's advice is to take the other one's lock away.
      removeStaleLocks(session.backend, session.project, stack.name);
    }
    const again = upCommand(stack.name) + (operation === "up" ? "" : ` --${operation}`);
    const away = session.engine && (await wentAway(machine, session.engine, again));
    if (away !== undefined) {
      renderErrors(operation, { messages: [away], ofResources: false }).forEach(tell);
      return code;
    }
    if (operation === "up" && errors.ofResources) {
      await tellFailedLogs(session, prefix);
    }
    renderErrors(operation, errors).forEach(tell);
    // Without a message pulumi has begun nothing: another run may have the stack, and the hub in its hands.
    if (operation === "up" && errors.messages.length > 0) {
      await putBackIfGone(session, prefix, tell);
    }
    return code;
  }
  if (operation === "up") {
    const { findings, unmade } = await lookAt(session, prefix);
    if (findings.length > 0) {
      ["", ...renderFindings(findings, new Date())].forEach(tell);
      await tellFailedLogs(session, prefix);
      return 1;
    }
    await layFiles(session, prefix);
    report(session, given.passed, unmade);
  } else if (operation === "destroy" && session.engine) {
    const { backend, project } = session;
    const isEmpty = !backend || (readState(backend, project, stack.name)?.resources ?? []).length === 0;
    print([
      "",
      ...renderLeft({ stack: stack.name, ...(await kept(machine, session.engine, prefix)), isEmpty }),
    ]);
  }
  return 0;
}

/** What brings the stack up again goes into its backups. */
async function layFiles({ machine, engine, stack }: Session, prefix: string): Promise<void> {
  if (engine !== undefined && stack.content.values["backup"] !== undefined) {
    await layForBackup(await client(engine.endpoint, machine), machine, stack.name, prefix).catch(
      (error: unknown) => {
        tell(
          `Note: the stack's state and configuration could not be laid into its backups: ${messageOf(error)}`,
        );
      },
    );
  }
}

/** The logs of containers that are not well. */
async function tellFailedLogs({ machine, engine, stack }: Session, prefix: string): Promise<void> {
  if (engine !== undefined) {
    const docker = await client(engine.endpoint, machine);
    (await failedLogs(docker, stack.name, prefix).catch(() => [])).forEach(tell);
  }
}

const print = (lines: readonly string[]): void => {
  if (lines.length > 1) {
    process.stdout.write(`${lines.join("\n")}\n`);
  }
};

/** @param unmade checks that could not be made */
function report(
  { machine, backend, project, stack }: Session,
  passed: readonly string[],
  unmade: readonly string[],
): void {
  // Whoever asked for JSON reads standard output with a program.
  if (passed.some((option) => option === "--json" || option === "-j")) {
    return;
  }
  const state = backend && readState(backend, project, stack.name);
  if (state) {
    print([
      "",
      ...renderReport({
        stack: stack.name,
        meant: findStacks(machine).meant,
        outputs: state.outputs,
        unmade,
      }),
    ]);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    tell(isForPerson(error) ? error.message : `./up failed: ${messageOf(error)}`);
    if (!isForPerson(error) && error instanceof Error && process.env.DEBUG) {
      tell(error.stack ?? "");
    }
    process.exitCode = 1;
  },
);
