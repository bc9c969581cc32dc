/** Runs one local command and takes what it says. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";

/** How long a cancelled command gets to end before it is killed, in milliseconds. */
const TERMINATION_GRACE = 500;

/** What all commands have in common. */
export interface CommandInputs {
  stdin?: string;
  /** @default "stdoutAndStderr" */
  logging?: string;
  /** @default ["/bin/sh", "-c"] */
  interpreter?: string[];
  /** @default the program's directory */
  dir?: string;
  environment?: Record<string, string>;
  /** Whether the command before this one shows in PULUMI_COMMAND_STDOUT and _STDERR. @default true */
  addPreviousOutputInEnv?: boolean;
}

export interface CommandOutputs {
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Of the command before this one. */
  previous?: Partial<CommandOutputs>;
  /** Takes each line that is to be shown while the command runs. */
  showLine?: (line: string) => void;
  /** Ends the command, with all its children. */
  signal: AbortSignal;
}

function environmentFor(inputs: CommandInputs, previous: Partial<CommandOutputs> = {}): NodeJS.ProcessEnv {
  const shown = inputs.addPreviousOutputInEnv ?? true;
  return {
    ...process.env,
    ...inputs.environment,
    ...(shown && previous.stdout && { PULUMI_COMMAND_STDOUT: previous.stdout }),
    ...(shown && previous.stderr && { PULUMI_COMMAND_STDERR: previous.stderr }),
  };
}

/** Ends the process group that the command leads: the shell and what it started. */
function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** Signals by the words that Go has for them. */
const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: "aborted",
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

/** As Go puts it, since that is what users of the real plugin look for. */
function startProblem(error: NodeJS.ErrnoException, program: string): string {
  if (error.code !== "ENOENT") {
    return error.message;
  }
  return program.includes("/")
    ? `fork/exec ${program}: no such file or directory`
    : `exec: ${JSON.stringify(program)}: executable file not found in $PATH`;
}

/** @throws Error with the exit status, the command and all that it said, if it does not end well */
export async function runCommand(
  command: string,
  inputs: CommandInputs,
  { previous, showLine, signal }: RunOptions,
): Promise<CommandOutputs> {
  const [program = "/bin/sh", ...args] = inputs.interpreter?.length ? inputs.interpreter : ["/bin/sh", "-c"];
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[], both: [] as Buffer[] };
  const shown = new PassThrough();
  const lines = createInterface({ input: shown }).on("line", (line) => showLine?.(line));
  const linesEnded = new Promise((resolve) => lines.once("close", resolve));

  // A process group of its own, so that a cancelled shell takes its children with it.
  const child = spawn(program, [...args, command], {
    cwd: inputs.dir ?? process.cwd(),
    env: environmentFor(inputs, previous),
    detached: true,
    stdio: [inputs.stdin ? "pipe" : "ignore", "pipe", "pipe"],
  });
  const logging = inputs.logging ?? "stdoutAndStderr";
  for (const [name, stream] of [["stdout", child.stdout] as const, ["stderr", child.stderr] as const]) {
    const isShown = logging === name || logging === "stdoutAndStderr";
    stream?.on("data", (text: Buffer) => {
      said[name].push(text);
      said.both.push(text);
      if (isShown) {
        shown.write(text);
      }
    });
  }
  // A command need not read all of its input.
  child.stdin?.on("error", () => undefined).end(inputs.stdin);

  const terminate = (): void => {
    endGroup(child.pid, "SIGTERM");
    setTimeout(() => {
      endGroup(child.pid, "SIGKILL");
    }, TERMINATION_GRACE);
  };
  const kill = (): void => {
    endGroup(child.pid, "SIGKILL");
  };
  signal.addEventListener("abort", terminate, { once: true });
  process.on("exit", kill);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => {
      resolve(startProblem(error, program));
    });
    child.on("close", (code, killedBy) => {
      if (killedBy) {
        resolve(`signal: ${SIGNAL_NAMES[killedBy] ?? killedBy}`);
      } else {
        resolve(code === 0 ? undefined : `exit status ${code ?? -1}`);
      }
    });
    if (signal.aborted) {
      terminate();
    }
  });
  signal.removeEventListener("abort", terminate);
  process.off("exit", kill);
  shown.end();
  await linesEnded;

  const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8");
  if (problem) {
    throw new Error(`${problem}: running ${JSON.stringify(command)}:\n${text(said.both)}`);
  }
  return {
    stdout: text(said.stdout).replace(/\n$/, ""),
    stderr: text(said.stderr).replace(/\n$/, ""),
  };
}
