/**
 * Builds the offline stand-ins: one bundle a plugin, which depends on Node.js and nothing else, so that it does not
 * matter where the project is or whether it is still there.
 *
 * As a command: `npx tsx offline/plugins/build.ts FOLDER`
 */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { build } from "esbuild";

/** A plugin that stands in for an official one. */
interface StandIn {
  /** Folder of its source, beside this file. */
  readonly source: string;
  /** Where the engine looks for it, below the cache. */
  readonly executable: string;
}

const resource = (name: string, version: string): StandIn => ({
  source: name,
  executable: `pulumi-home/plugins/resource-${name}-v${version}/pulumi-resource-${name}`,
});

const standIns: readonly StandIn[] = [
  resource("docker", "5.2.0"),
  resource("command", "1.2.1"),
  resource("random", "4.21.2"),
  { source: "language-nodejs", executable: "bin/pulumi-language-nodejs" },
];

/** Writes a file at once: a plugin that starts meanwhile sees the old one or the new one. */
function replaceFile(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  chmodSync(draft, mode);
  renameSync(draft, file);
}

async function buildOne(cache: string, { source, executable }: StandIn): Promise<void> {
  const bundle = join(cache, "plugins-build", `${source}.cjs`);
  mkdirSync(dirname(bundle), { recursive: true });
  await build({
    entryPoints: [join(__dirname, source, "main.ts")],
    outfile: `${bundle}.${process.pid}`,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    logLevel: "error",
    // ssh2 uses these native helpers where they are installed; without them it does the same in JavaScript.
    external: ["cpu-features", "*.node"],
  });
  renameSync(`${bundle}.${process.pid}`, bundle);
  const hash = createHash("sha256")
    .update(await readFile(bundle))
    .digest("hex")
    .slice(0, 16);

  const file = join(cache, executable);
  // The engine ends what it started by its process id: the program has to be the shell's own process.
  replaceFile(file, `#!/bin/sh\nexec node "${bundle}" "$@"\n`, 0o755);
  // Says to tools that this is not the official plugin.
  if (source !== "language-nodejs") replaceFile(join(dirname(file), "OFFLINE"), `${hash}\n`, 0o644);
}

/**
 * Builds all stand-ins into a folder: `bin/` for the language host, `pulumi-home/` as PULUMI_HOME for the plugins.
 *
 * @param cache the folder; made if it is not there
 */
export async function buildPlugins(cache: string): Promise<void> {
  await Promise.all(standIns.map((one) => buildOne(cache, one)));
}

if (require.main === module) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error("usage: build.ts FOLDER");
  buildPlugins(folder).catch((error: unknown) => {
    console.error(`the offline plugins could not be built: ${(error as Error).message}`);
    process.exitCode = 1;
  });
}
