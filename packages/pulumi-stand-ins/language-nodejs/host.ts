/** The Node.js language host as plain functions: what the engine asks about a program, and running it. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { spawn } from "node:child_process";
import { type Dependency, programDependencies, type RequiredPackage, requiredPackages } from "./packages";
import { type ProgramInfo, type RunRequest, type RunResponse, runProgram } from "./program";

export interface About {
  executable: string;
  version: string;
  metadata: Record<string, string>;
}

export interface LanguageHost {
  handshake(engineAddress: string): void;
  about(info: ProgramInfo): About;
  getRequiredPackages(info: ProgramInfo): RequiredPackage[];
  getProgramDependencies(info: ProgramInfo, transitive: boolean): Dependency[];
  /** @param signal ends the program, as `cancel` does */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResponse>;
  /** Installs with npm. @param output takes what npm says */
  installDependencies(
    info: ProgramInfo,
    output: (text: Buffer, stream: "stdout" | "stderr") => void,
  ): Promise<void>;
  cancel(): void;
  /** Resolves when no program runs. */
  idle(): Promise<void>;
}

/** npm's version from its own package.json, which is a hundred times faster than asking npm. */
function npmVersion(): string {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const npm = join(folder, "npm");
    if (folder === "" || !existsSync(npm)) continue;
    try {
      const file = join(dirname(realpathSync(npm)), "..", "package.json");
      return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
    } catch {
      return "";
    }
  }
  return "";
}

function typescriptVersion(programDirectory: string): string | undefined {
  try {
    const require = createRequire(join(programDirectory, "package.json"));
    return (require("typescript/package.json") as { version: string }).version;
  } catch {
    return undefined;
  }
}

async function npmInstall(
  folder: string,
  output: (text: Buffer, stream: "stdout" | "stderr") => void,
): Promise<void> {
  const how = existsSync(join(folder, "package-lock.json")) ? "ci" : "install";
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("npm", [how, "--loglevel=error"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (text: Buffer) => {
      output(text, "stdout");
    });
    child.stderr.on("data", (text: Buffer) => {
      output(text, "stderr");
    });
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`npm ${how} in ${folder} failed with exit code ${code ?? -1}`);
}

/** @param firstAddress the engine's address, as far as the process was told */
export function languageHost(firstAddress = ""): LanguageHost {
  let engineAddress = firstAddress;
  const cancelled = new AbortController();
  const running = new Set<Promise<RunResponse>>();
  return {
    handshake(address) {
      engineAddress = address;
    },
    about({ programDirectory }) {
      const typescript = typescriptVersion(programDirectory);
      return {
        executable: process.execPath,
        version: process.version,
        metadata: {
          packagemanager: "npm",
          packagemanagerVersion: npmVersion(),
          ...(typescript && { typescriptVersion: typescript }),
        },
      };
    },
    getRequiredPackages: ({ programDirectory }) => requiredPackages(programDirectory),
    getProgramDependencies: ({ programDirectory }, transitive) =>
      programDependencies(programDirectory, transitive),
    async run(request, signal) {
      const result = runProgram(request, engineAddress, AbortSignal.any([signal, cancelled.signal]));
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    async installDependencies({ programDirectory }, output) {
      output(Buffer.from("Installing dependencies...\n\n"), "stdout");
      await npmInstall(programDirectory, output);
      output(Buffer.from("Finished installing dependencies\n\n"), "stdout");
    },
    cancel() {
      cancelled.abort();
    },
    async idle() {
      await Promise.allSettled(running);
    },
  };
}
