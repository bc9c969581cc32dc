/** Runs a Pulumi program in Node.js. */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the engine wants to be run. */
export interface RunRequest {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly rootDirectory: string;
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly args: readonly string[];
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly monitorAddress: string;
  readonly engineAddress: string;
  /** `namespace:name` to value, as text. */
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
  /** The runtime's options in Pulumi.yaml. */
  readonly options: { readonly typescript?: boolean; readonly nodeargs?: string };
}

/** How a program ended: without an error, with one, or with one that it has shown itself (`bail`). */
export interface RunAnswer {
  readonly error: string;
  readonly bail: boolean;
}

/** The SDK's exit code for an error that the user has already been shown. */
const SHOWN = 32;

/** Milliseconds that a program gets to end by itself when the update is cancelled. */
const GRACE = 5000;

/** Arguments of node, after its own options: the SDK's runner and what it wants to know. */
export function runnerArguments(request: RunRequest, runner: string): string[] {
  const flag = (name: string, value: string): string[] => (value === "" ? [] : [`--${name}`, value]);
  return [
    runner,
    ...flag("monitor", request.monitorAddress),
    ...flag("engine", request.engineAddress),
    ...flag("organization", request.organization),
    ...flag("project", request.project),
    ...flag("root-directory", request.rootDirectory),
    ...flag("stack", request.stack),
    ...flag("pwd", request.programDirectory),
    ...(request.dryRun ? ["--dry-run"] : []),
    ...flag("parallel", String(request.parallel)),
    request.entryPoint,
    ...request.args,
  ];
}

/** Environment of the program on top of this process's. */
export function runnerEnvironment({ config, configSecretKeys, options }: RunRequest): Record<string, string> {
  // The SDK expects the key's older form, namespace:config:name.
  const keys = Object.entries(config).map(([key, value]) => [
    key.replace(/^([^:]+):(?!config:)/, "$1:config:"),
    value,
  ]);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(keys)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(configSecretKeys),
    ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
  };
}

/** What to tell the engine of a program that ended. */
export function answer(code: number | null, signal: string | null): RunAnswer {
  if (code === 0) return { error: "", bail: false };
  if (code === SHOWN) return { error: "", bail: true };
  return {
    error:
      code === null
        ? `Program was ended by ${signal ?? "a signal"}`
        : `Program exited with non-zero exit code: ${code}`,
    bail: false,
  };
}

const running = new Set<ChildProcess>();

/** Ends all programs that run: in order first, then for good. */
export function stopPrograms(): void {
  for (const child of running) {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), GRACE).unref();
  }
}

/** Runs a program to its end; its output is this process's. */
export function runProgram(request: RunRequest, signal: AbortSignal): Promise<RunAnswer> {
  let runner: string;
  try {
    runner = createRequire(join(request.programDirectory, "index.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return Promise.resolve({
      error: `@pulumi/pulumi is not installed in ${request.programDirectory}. Install it with: npm ci`,
      bail: false,
    });
  }
  const nodeArguments = (request.options.nodeargs ?? "").split(/\s+/).filter((word) => word !== "");
  return new Promise((resolve) => {
    const child = spawn("node", [...nodeArguments, ...runnerArguments(request, runner)], {
      cwd: request.programDirectory,
      env: { ...process.env, ...runnerEnvironment(request) },
      stdio: ["ignore", "inherit", "inherit"],
    });
    running.add(child);
    const stop = (): void => {
      child.kill("SIGINT");
    };
    signal.addEventListener("abort", stop);
    const end = (result: RunAnswer): void => {
      running.delete(child);
      signal.removeEventListener("abort", stop);
      resolve(result);
    };
    child.on("error", (error) => {
      end({ error: `could not run node: ${error.message}`, bail: false });
    });
    child.on("exit", (code, killedBy) => {
      end(answer(code, killedBy));
    });
  });
}
