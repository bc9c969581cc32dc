/** Runs the user's program in a Node.js process of its own. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";

/** The exit code of a program that has already told the user what is wrong. */
const EXITED_AFTER_MESSAGE = 32;
/** How long a program gets to end after an interrupt, in milliseconds. */
const INTERRUPT_GRACE = 5000;

export interface ProgramInfo {
  rootDirectory: string;
  programDirectory: string;
  /** A file, or "." for what package.json's `main` names. */
  entryPoint: string;
  options?: Record<string, unknown>;
}

export interface RunRequest {
  project: string;
  stack: string;
  organization?: string;
  args?: string[];
  config?: Record<string, string>;
  configSecretKeys?: string[];
  dryRun?: boolean;
  parallel?: number;
  monitorAddress: string;
  info: ProgramInfo;
}

export interface RunResponse {
  error?: string;
  /** True if the user was told already. */
  bail?: true;
}

/** The `options` of `runtime` in Pulumi.yaml, as far as they are about running. */
export interface RuntimeOptions {
  /** Whether the SDK loads TypeScript by itself. @default true */
  typescript: boolean;
  tsconfig?: string;
  /** Arguments for Node.js itself. */
  nodeargs: string[];
}

/** Splits as a shell does: blanks separate, quotes and backslashes keep together. */
export function splitArguments(line: string): string[] {
  const words: string[] = [];
  for (const [token] of line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)) {
    words.push(
      token.replace(
        /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_, escaped?: string, double?: string, single?: string) =>
          escaped ?? double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? "",
      ),
    );
  }
  return words;
}

/** @throws Error if an option has the wrong type */
export function runtimeOptions(options: Record<string, unknown> = {}): RuntimeOptions {
  const { typescript = true, tsconfig, nodeargs = "" } = options;
  if (typeof typescript !== "boolean") {
    throw new Error("typescript option must be a boolean");
  }
  if (tsconfig !== undefined && typeof tsconfig !== "string") {
    throw new Error("tsconfigpath option must be a string");
  }
  if (typeof nodeargs !== "string") {
    throw new Error("nodeargs option must be a string");
  }
  return { typescript, ...(tsconfig && { tsconfig }), nodeargs: splitArguments(nodeargs) };
}

/** Arguments for the SDK's runner: flags that have a value, then the program and its own arguments. */
export function runnerArguments(request: RunRequest, engineAddress: string): string[] {
  const { info } = request;
  const flags: Record<string, string | undefined> = {
    monitor: request.monitorAddress,
    engine: engineAddress,
    organization: request.organization,
    project: request.project,
    "root-directory": info.rootDirectory,
    stack: request.stack,
    pwd: info.programDirectory,
    parallel: String(request.parallel ?? 0),
  };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(request.dryRun ? ["--dry-run"] : []),
    info.entryPoint,
    ...(request.args ?? []),
  ];
}

/** What the SDK reads from the environment: configuration is not for the process list. */
export function runnerEnvironment(request: RunRequest, options: RuntimeOptions): Record<string, string> {
  const config = Object.entries(request.config ?? {}).map(([key, value]) => {
    const [namespace = "", ...name] = key.split(":");
    return [`${namespace}:config:${name.at(-1) ?? ""}`, value];
  });
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configSecretKeys ?? []),
    ...(options.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

function findRunner(programDirectory: string): string {
  const runner = process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH ?? "@pulumi/pulumi/cmd/run";
  try {
    return createRequire(join(programDirectory, "package.json")).resolve(runner);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") {
      throw error;
    }
    throw new Error("It looks like the Pulumi SDK has not been installed. Have you run pulumi install?", {
      cause: error,
    });
  }
}

const OUT_OF_MEMORY =
  "The process aborted, maybe for want of memory. Node.js gets more with the `nodeargs` runtime option in Pulumi.yaml, " +
  "for example `nodeargs: --max-old-space-size=4096` (megabytes).";

/**
 * Runs the program to its end; its output goes straight to this process' output.
 *
 * @param signal ends the program: an interrupt first, five seconds later a kill
 * @returns an error for the user, or nothing if the program ended well
 */
export async function runProgram(
  request: RunRequest,
  engineAddress: string,
  signal: AbortSignal,
): Promise<RunResponse> {
  let options: RuntimeOptions;
  let runner: string;
  try {
    options = runtimeOptions(request.info.options);
    runner = findRunner(request.info.programDirectory);
  } catch (error) {
    return { error: (error as Error).message };
  }
  const child = spawn(
    process.execPath,
    [...options.nodeargs, runner, ...runnerArguments(request, engineAddress)],
    {
      cwd: request.info.programDirectory,
      env: { ...process.env, ...runnerEnvironment(request, options) },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  const interrupt = (): void => {
    child.kill("SIGINT");
    setTimeout(kill, INTERRUPT_GRACE).unref();
  };
  signal.addEventListener("abort", interrupt, { once: true });
  process.on("exit", kill);
  try {
    return await new Promise<RunResponse>((resolve) => {
      child.on("error", (error) => {
        resolve({ error: `Problem executing program (could not run language executor): ${error.message}` });
      });
      child.on("exit", (code, killedBy) => {
        if (code === 0) {
          resolve({});
        } else if (code === EXITED_AFTER_MESSAGE) {
          resolve({ bail: true });
        } else {
          const aborted = killedBy === "SIGABRT" || code === 128 + constants.signals.SIGABRT;
          resolve({
            error: `Program exited with non-zero exit code: ${code ?? -1}${aborted ? `. ${OUT_OF_MEMORY}` : ""}`,
          });
        }
      });
      if (signal.aborted) {
        interrupt();
      }
    });
  } finally {
    signal.removeEventListener("abort", interrupt);
    process.off("exit", kill);
  }
}
