/** 10,000 users in the configuration, against few: previews, the start of the hub, and a login. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Deployment } from "../../test/e2e/deployment";
import { HubClient } from "../../test/e2e/hub-client";
import { type Benchmark, configuration, type Context, type Stack } from "../context";
import { command, pairs, pick, seconds, until } from "../measure";

const MANY = 10_000;
const FEW = 10;

const lines = (count: number) => Array.from({ length: count }, (_, at) => `student-${at + 1}\n`).join("");

/** As a list they would be 150 KB of configuration, which is more than Pulumi can hand on. */
const withUsers = (count: number) => ({ auth: { ...configuration.auth, usersFile: `users-${count}` } });

const writeUsers = (count: number) => (deployment: Deployment) =>
  writeFile(join(deployment.folder, `users-${count}`), lines(count));

/** Until the login page is there again. */
const restartOf =
  ({ deployment }: Stack, visitor: HubClient, signal: AbortSignal) =>
  () =>
    seconds(async () => {
      await deployment.docker.getContainer(`${deployment.name}-hub`).restart();
      await until(
        () =>
          visitor.visit("hub/login").then(
            ({ status }) => status === 200,
            () => false,
          ),
        { signal },
      );
    });

const loginOf =
  ({ deployment: { url }, password }: Stack, ca: string) =>
  async () => {
    const alice = new HubClient(url, ca, "alice");
    try {
      return await seconds(() => alice.login(password));
    } finally {
      await alice.close();
    }
  };

async function run(context: Context): Promise<void> {
  const { runs, signal } = context;
  const few = await context.stack();
  const preview = async ({ deployment }: Stack) => {
    const before = (await deployment.run("./up", [deployment.stack, "--env"])).stdout;
    const words = ["pulumi", "preview", "--stack", deployment.stack];
    return () => command(words, { cwd: deployment.folder, before });
  };

  const changed = await preview(few);
  const change = (count: number) => async () => {
    await writeUsers(count)(few.deployment);
    await few.deployment.configure({ ...configuration, ...withUsers(count) });
    return changed();
  };
  try {
    const changes = await pairs(runs, signal, change(MANY), change(FEW));
    await context.recordTimes("users-change", changes);
  } finally {
    await few.deployment.configure(configuration);
  }

  const many = await context.makeStack(withUsers(MANY), writeUsers(MANY));
  const same = await pairs(runs, signal, await preview(many), await preview(few));
  await context.record(
    "users-preview-processors",
    pick(same, ({ processors }) => processors),
  );
  const [inMany, inFew] = [await many.login("alice"), await few.login("alice")];
  await context.record(
    "users-hub-start",
    await pairs(runs, signal, restartOf(many, inMany, signal), restartOf(few, inFew, signal)),
  );
  await context.record(
    "users-login",
    await pairs(runs, signal, loginOf(many, inMany.ca), loginOf(few, inFew.ca)),
  );
}

export default {
  about: "10,000 users in the configuration, against few",
  run,
} satisfies Benchmark;
