/**
 * `npm run bench`: how long the program takes, each figure beside a peer's in the same run.
 *
 * - a preview without changes, against that of an empty Pulumi program;
 * - `up` with all images present, against `docker compose up --wait` of the same containers;
 * - `./up` on a prepared machine, against a plain `pulumi up`.
 *
 * Prints one line each and fails when a bound is broken. RUNS sets the counted pairs (default 5).
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

import { Deployment, execa } from "../test/e2e/deployment";
import { composeFile } from "./compose";
import { end, line, pair, type Paired } from "./measure";

const runs = Number(process.env["RUNS"] ?? 5);
/** The containers that stay: to Compose one that has done its work and ended has failed. */
const roles = ["routes", "proxy", "docker-filter", "hub"];

/** A project beside the deployment's with a program that makes nothing, on the same packages. */
async function emptyProject(deployment: Deployment): Promise<string> {
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
  await cp(join(deployment.folder, "package.json"), join(folder, "package.json"));
  await execa("cp", ["-al", join(deployment.folder, "node_modules"), join(folder, "node_modules")]);
  return folder;
}

async function previews(deployment: Deployment): Promise<Paired> {
  const folder = await emptyProject(deployment);
  try {
    const { stdout } = await deployment.run("./up", [deployment.stack, "--env"]);
    const pulumi = (cwd: string, ...args: string[]) =>
      execa("bash", ["-c", `${stdout}\nexec pulumi "$@"`, "pulumi", ...args], { cwd, stdin: "ignore" });
    await pulumi(folder, "stack", "init", "bench");
    await pulumi(folder, "up", "--yes", "--skip-preview", "--stack", "bench");
    return await pair(
      runs,
      () => pulumi(deployment.folder, "preview", "--stack", deployment.stack),
      () => pulumi(folder, "preview", "--stack", "bench"),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The compose command of this machine: the plugin, or the program of its own. */
async function compose(): Promise<string[] | undefined> {
  for (const command of [["docker", "compose"], ["docker-compose"]]) {
    const [program = "", ...args] = command;
    const answer = await execa(program, [...args, "up", "--help"], { reject: false });
    if (answer.exitCode === 0 && answer.stdout.includes("--wait")) {
      return command;
    }
  }
  return undefined;
}

async function ups(deployment: Deployment, [program = "", ...prefix]: string[]): Promise<Paired> {
  const { docker, name, folder } = deployment;
  const containers = await Promise.all(
    roles.map(async (role) => {
      const container = docker.getContainer(`${name}-${role}`);
      const image = `${name}-bench-${role}`;
      await container.commit({ repo: image, tag: "1" });
      const after = role === "hub" ? [`${name}-docker-filter`] : [];
      return { inspect: await container.inspect(), image: `${image}:1`, after };
    }),
  );
  const { networks, volumes } = await deployment.objects();
  const file = join(folder, "compose.json");
  const internal = await Promise.all(
    networks.map(async (network) => ({
      name: network,
      internal: ((await docker.getNetwork(network).inspect()) as { Internal: boolean }).Internal,
    })),
  );
  await writeFile(file, JSON.stringify(composeFile(containers, internal, volumes)));
  const hub = containers[roles.indexOf("hub")];
  const routes = hub?.inspect.Mounts.find(({ Name }) => Name === `${name}-proxy-routes`);
  if (hub === undefined || routes?.Name === undefined) {
    throw new Error("the hub has no volume for routes");
  }
  /** Ours goes, and the folder for routes is there for Compose: with us a container that ends has given it its owner. */
  const down = async () => {
    await deployment.up(["--destroy"]);
    await docker.run(hub.image, ["chown", hub.inspect.Config.User, routes.Destination], process.stdout, {
      User: "root",
      Entrypoint: [],
      HostConfig: { AutoRemove: true, Binds: [`${routes.Name}:${routes.Destination}`] },
    });
  };
  const composeRun = (...args: string[]) =>
    execa(program, [...prefix, "-p", `${name}-bench`, "-f", file, ...args], { stdin: "ignore" });
  await down();
  try {
    let last: "up" | "compose" = "up";
    return await pair(
      runs,
      async () => {
        last = "up";
        await deployment.pulumi(["up", "--yes", "--skip-preview"]);
      },
      async () => {
        last = "compose";
        await composeRun("up", "--wait");
      },
      () => (last === "up" ? down() : composeRun("down", "--remove-orphans")),
    );
  } finally {
    await composeRun("down", "--remove-orphans").catch(() => undefined);
    for (const { image } of containers) {
      await docker.getImage(image).remove({ force: true });
    }
  }
}

async function main(): Promise<boolean> {
  const deployment = await Deployment.create();
  const report: { readonly kept: boolean }[] = [];
  // Each figure is told when it is there: a later one that fails takes none with it.
  const tell = (measured: { readonly text: string; readonly kept: boolean }): void => {
    console.log(measured.text);
    report.push(measured);
  };
  try {
    await deployment.up();
    tell(
      line("preview without changes, against an empty program", await previews(deployment), { ratio: 2.2 }),
    );
    tell(
      line(
        "./up, against pulumi up",
        await pair(
          runs,
          () => deployment.up(),
          () => deployment.pulumi(["up", "--yes", "--skip-preview"]),
        ),
        { seconds: 1 },
      ),
    );
    const command = await compose();
    if (command === undefined) {
      console.log(
        "not measured: `up` against Docker Compose, which this machine does not have (2.1 or newer)",
      );
    } else {
      tell(
        line("up with images present, against docker compose up --wait", await ups(deployment, command), {
          ratio: 2.5,
        }),
      );
    }
  } finally {
    await deployment.up(["--destroy"], { ok: false });
    await deployment.remove();
  }
  return report.every(({ kept }) => kept);
}

end(main());
