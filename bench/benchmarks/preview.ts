/** A preview without changes, with its look at the engine, against that of a Pulumi program that makes nothing. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

import { type Deployment, execa } from "../../test/e2e/deployment";
import type { Benchmark, Context } from "../context";
import { command, pairs, type Times } from "../measure";

/** A project with a program that makes nothing, on the packages of the deployment's. */
async function emptyProject({ folder: from }: Deployment): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "jupyterhub-bench-"));
  await writeFile(join(folder, "index.js"), "exports.nothing = true;\n");
  await writeFile(
    join(folder, "Pulumi.yaml"),
    stringify({
      name: "empty",
      runtime: { name: "nodejs", options: { typescript: false } },
      main: "index.js",
      backend: { url: "file://./.state" },
    }),
  );
  await mkdir(join(folder, ".state"));
  await cp(join(from, "package.json"), join(folder, "package.json"));
  await execa("cp", ["-al", join(from, "node_modules"), join(folder, "node_modules")]);
  return folder;
}

export interface Previews {
  readonly ours: () => Promise<Times>;
  readonly empty: () => Promise<Times>;
  readonly remove: () => Promise<void>;
}

/** Both previews, ready to be run. */
export async function previews(deployment: Deployment): Promise<Previews> {
  const folder = await emptyProject(deployment);
  const before = (await deployment.run("./up", [deployment.stack, "--env"])).stdout;
  const pulumi = (cwd: string, ...words: string[]) => command(["pulumi", ...words], { cwd, before });
  await pulumi(folder, "stack", "init", "bench");
  await pulumi(folder, "up", "--yes", "--skip-preview", "--stack", "bench");
  return {
    ours: () => pulumi(deployment.folder, "preview", "--stack", deployment.stack),
    empty: () => pulumi(folder, "preview", "--stack", "bench"),
    remove: () => rm(folder, { recursive: true }),
  };
}

async function run(context: Context): Promise<void> {
  const { deployment } = await context.stack();
  const { ours, empty, remove } = await previews(deployment);
  context.later(remove);
  const taken = await pairs(context.runs, context.signal, ours, empty);
  await context.recordTimes("preview", taken);
}

export default { about: "a preview without changes, against an empty program", run } satisfies Benchmark;
