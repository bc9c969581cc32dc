/** `up` on a prepared machine, against Docker Compose with the same containers. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Deployment, execa } from "../../test/e2e/deployment";
import { composeFile } from "../compose";
import { type Benchmark, configuration, type Context } from "../context";
import { pairs, pick, seconds } from "../measure";

/** The containers that stay: to Compose one that has done its work and ended has failed. */
const roles = ["routes", "proxy", "docker-filter", "hub"];

/** A setting of the hub that its container has, and that recreates it. */
const VARIABLE = "BENCH";

/** The compose command of this machine: that of COMPOSE, the plugin, or one that is built with Go. */
async function composeCommand(): Promise<string[]> {
  const named = process.env["COMPOSE"];
  for (const words of [named === undefined ? [] : [named], ["docker", "compose"]]) {
    const [program, ...args] = words;
    if (program === undefined) {
      continue;
    }
    const answer = await execa(program, [...args, "up", "--help"], { reject: false });
    if (answer.exitCode === 0 && answer.stdout.includes("--wait")) {
      return words;
    }
  }
  const program = join(__dirname, "..", "..", ".cache", "bench", "docker-compose");
  await mkdir(join(program, ".."), { recursive: true });
  await execa("go", ["build", "-o", program, "github.com/docker/compose/v2/cmd"], {
    cwd: join(__dirname, "..", "docker-compose"),
  });
  return [program];
}

interface Compose {
  run(...words: string[]): Promise<unknown>;
  /** Writes its file, with the hub's variable as given. */
  set(variable: string): Promise<void>;
  /** Takes ours down, and leaves what Compose needs and does not make. */
  prepare(): Promise<void>;
}

/** A Compose project with the containers of a running stack. */
async function composeOf(deployment: Deployment, context: Context): Promise<Compose> {
  const { docker, name, folder } = deployment;
  const containers = await Promise.all(
    roles.map(async (role) => {
      const container = docker.getContainer(`${name}-${role}`);
      const image = `${name}-bench-${role}`;
      // Files that were put into the container come along.
      await container.commit({ repo: image, tag: "1" });
      context.later(() => docker.getImage(`${image}:1`).remove({ force: true }));
      const after = role === "hub" ? [`${name}-docker-filter`] : [];
      return { inspect: await container.inspect(), image: `${image}:1`, after };
    }),
  );
  const { networks, volumes } = await deployment.objects();
  const internal = await Promise.all(
    networks.map(async (network) => ({
      name: network,
      internal: ((await docker.getNetwork(network).inspect()) as { Internal: boolean }).Internal,
    })),
  );
  const hub = containers[roles.indexOf("hub")];
  const routes = hub?.inspect.Mounts.find(({ Name }) => Name === `${name}-proxy-routes`);
  if (hub === undefined || routes?.Name === undefined) {
    throw new Error("the hub has no volume for routes");
  }
  const variables = hub.inspect.Config.Env;
  const file = join(folder, "compose.json");
  const [program = "", ...prefix] = await composeCommand();
  const run = (...words: string[]) =>
    execa(program, [...prefix, "-p", `${name}-bench`, "-f", file, ...words], { stdin: "ignore" });
  const set = async (variable: string) => {
    hub.inspect.Config.Env = [...variables, `${VARIABLE}=${variable}`];
    await writeFile(file, JSON.stringify(composeFile(containers, internal, volumes)));
  };
  await set("1");
  context.later(() => run("down", "--remove-orphans"));
  return {
    run,
    set,
    prepare: async () => {
      await deployment.up(["--destroy"]);
      // With us a container that ends has given the folder for routes its owner.
      await docker.run(hub.image, ["chown", hub.inspect.Config.User, routes.Destination], process.stderr, {
        User: "root",
        Entrypoint: [],
        HostConfig: { AutoRemove: true, Binds: [`${routes.Name}:${routes.Destination}`] },
      });
    },
  };
}

async function run(context: Context): Promise<void> {
  const { runs, signal } = context;
  const { deployment } = await context.makeStack({});
  await context.record(
    "up-again",
    await pairs(
      runs,
      signal,
      () => seconds(() => deployment.up()),
      () => seconds(() => deployment.pulumi(["up", "--yes", "--skip-preview"])),
    ),
  );
  const compose = await composeOf(deployment, context);
  await compose.prepare();
  const taken = await pairs(
    runs,
    signal,
    async () => {
      const first = await seconds(() => deployment.up());
      await deployment.configure({ ...configuration, hub: { logLevel: "DEBUG" } });
      const change = await seconds(() => deployment.up());
      await deployment.configure(configuration);
      return { first, change };
    },
    async () => {
      await compose.set("1");
      const first = await seconds(() => compose.run("up", "--wait"));
      await compose.set("2");
      return { first, change: await seconds(() => compose.run("up", "--wait")) };
    },
    (side) => (side === "ours" ? compose.prepare() : compose.run("down", "--remove-orphans")),
  );
  await context.record(
    "up",
    pick(taken, ({ first }) => first),
  );
  await context.record(
    "up-change",
    pick(taken, ({ change }) => change),
  );
}

export default { about: "up with all images present, against Docker Compose", run } satisfies Benchmark;
