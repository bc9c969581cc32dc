/** A preview with 10,000 users in the configuration, against one with 10. Both change the list of users. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Benchmark, configuration, type Context } from "../context";
import { command, pairs, pick } from "../measure";

const lines = (count: number) => Array.from({ length: count }, (_, at) => `student-${at + 1}\n`).join("");

async function run(context: Context): Promise<void> {
  const { deployment } = await context.stack();
  const before = (await deployment.run("./up", [deployment.stack, "--env"])).stdout;
  const preview = (count: number) => async () => {
    // As a list they would be 150 KB of configuration: Pulumi hands that on in a variable, which takes 128.
    const usersFile = `users-${count}`;
    await writeFile(join(deployment.folder, usersFile), lines(count));
    await deployment.configure({ ...configuration, auth: { ...configuration.auth, usersFile } });
    return command(["pulumi", "preview", "--stack", deployment.stack], { cwd: deployment.folder, before });
  };
  try {
    const taken = await pairs(context.runs, context.signal, preview(10_000), preview(10));
    await context.record(
      "users-preview-processors",
      pick(taken, ({ processors }) => processors),
    );
    await context.record(
      "users-preview-clock",
      pick(taken, ({ clock }) => clock),
    );
  } finally {
    await deployment.configure(configuration);
  }
}

export default {
  about: "a preview with 10,000 users in the configuration, against 10",
  run,
} satisfies Benchmark;
