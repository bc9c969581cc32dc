/** The Node.js language host as plain functions: what the engine asks about a program, and running it. */
import { type RequiredPackage, requiredPackages } from "./packages";
import { type ProgramInfo, runProgram, type RunRequest, type RunResponse } from "./program";

export interface LanguageHost {
  handshake(engineAddress: string): void;
  getRequiredPackages(info: ProgramInfo): RequiredPackage[];
  /** @param signal ends the program, as `cancel` does */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResponse>;
  cancel(): void;
  /** Resolves when no program runs. */
  idle(): Promise<void>;
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
    getRequiredPackages: ({ programDirectory }) => requiredPackages(programDirectory),
    async run(request, signal) {
      const result = runProgram(request, engineAddress, AbortSignal.any([signal, cancelled.signal]));
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    cancel() {
      cancelled.abort();
    },
    async idle() {
      await Promise.allSettled(running);
    },
  };
}
