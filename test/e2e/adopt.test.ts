import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { parse } from "yaml";

import { eachFile } from "../../docker-api/archive";
import { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { OldHub } from "./old-hub";
import { until } from "./until";

const artifacts = join(__dirname, "artifacts");
const START_TIMEOUT_MS = 200_000;
/** How long is waited for a server that must not start: the refusal itself is in the log. */
const REFUSED_MS = 10_000;

/** An older deployment on this engine, and the stack that takes its place. */
describe("the homes of another deployment, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  // Volumes are called as people are, so nobody else on this engine may be called so.
  const id = randomBytes(4).toString("hex");
  const [alice, bob, carol] = [`alice${id}`, `bob${id}`, `carol${id}`] as const;
  const clients: HubClient[] = [];

  const login = async (name: string): Promise<HubClient> => {
    const client = new HubClient(deployment.url, await deployment.caCertificate(), name);
    clients.push(client);
    assert.equal(await client.login(await deployment.output("userPassword")), true);
    return client;
  };
  const run = async (client: HubClient, code: string): Promise<string> => {
    const kernel = await RunningKernel.start(client.serverSettings());
    try {
      return await kernel.run(code);
    } finally {
      await kernel.close();
    }
  };

  before(async () => {
    deployment = await Deployment.create(
      {
        auth: { kind: "shared-password", users: [alice, bob, carol], admins: ["admin"] },
        storage: {
          homes: { kind: "volume", name: "{username}", takenOver: [alice], mountPath: "/home/jovyan/work" },
        },
        servers: { startTimeout: 180, httpTimeout: 180 },
      },
      { installed: true },
    );
    for (const name of [alice, bob]) {
      await deployment.docker.createVolume({ Name: name });
      const old = await deployment.docker.createContainer({
        Image: "debian:trixie-slim",
        Cmd: ["sh", "-c", `echo "old file of ${name}" >/home/old.txt && chown -R 1000:100 /home`],
        HostConfig: { Binds: [`${name}:/home`], NetworkMode: "none" },
      });
      await old.start();
      await old.wait();
      await old.remove();
    }
    await deployment.up();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });
  after(async () => {
    for (const client of clients) {
      await client.close();
    }
    await deployment.remove();
    for (const name of [alice, bob]) {
      await deployment.docker.getVolume(name).remove();
    }
  });

  it("are in volumes that are called as people are, and people find their files", async () => {
    const client = await login(alice);
    await client.startServer(START_TIMEOUT_MS);
    assert.equal(
      await run(client, 'print(open("/home/jovyan/work/old.txt").read().strip())'),
      `old file of ${alice}\n`,
    );
    const { Mounts } = await deployment.docker.getContainer(`${deployment.name}-user-${alice}`).inspect();
    assert.deepEqual(
      Mounts.map(({ Name, Destination }) => [Name, Destination]),
      [[alice, "/home/jovyan/work"]],
    );
  });

  it("are nobody's where the list doesn't say so: any volume of the host could be called like a person", async () => {
    const client = await login(bob);
    await assert.rejects(client.startServer(REFUSED_MS));
    const { output } = await deployment.hub(["logs", "docker-filter"]);
    assert.match(
      output,
      new RegExp(`volume '${bob}' was not made by this stack: add '${bob}' to storage.homes.takenOver`),
    );
    const volume = await deployment.docker.getVolume(bob).inspect();
    assert.ok(!("org.jupyterhub.stack" in ((volume.Labels as Record<string, string> | null) ?? {})));
  });

  it("are beside homes of new people, which the stack makes", async () => {
    const client = await login(carol);
    await client.startServer(START_TIMEOUT_MS);
    const { Labels } = await deployment.docker.getVolume(carol).inspect();
    assert.equal(Labels["org.jupyterhub.user"], carol);
  });

  it("are listed and saved as all others are", async () => {
    const { stdout } = await deployment.hub(["home", "list", "--json"]);
    const found = (JSON.parse(stdout) as { user: string; volume: string; runningServers: string[] }[]).map(
      ({ user, volume, runningServers }) => [user, volume, runningServers],
    );
    const server = (name: string) => [`${deployment.name}-user-${name}`];
    assert.deepEqual(found, [
      [alice, alice, server(alice)],
      [carol, carol, server(carol)],
    ]);
    await deployment.hub(["home", "save", alice, "alice.tar"]);
    const listed = await deployment.run("tar", ["-tf", "alice.tar"]);
    assert.match(listed.stdout, /^\S*old\.txt$/m);
  });

  it("stay on the host when the stack and its data are removed", async () => {
    await deployment.hub(["objects", "remove", "--data", "--yes"]);
    await deployment.docker.getVolume(alice).inspect();
    await deployment.docker.getVolume(bob).inspect();
    await assert.rejects(deployment.docker.getVolume(carol).inspect());
  });
});

/** The reference deployment with Docker Compose: a hub of JupyterHub 5 in a container, volumes called as people are. */
describe("a hub of JupyterHub 5 that is adopted, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let old: OldHub;
  let deployment: Deployment;
  const id = randomBytes(4).toString("hex");
  const [alice, bob, admin] = [`alice${id}`, `bob${id}`, `admin${id}`] as const;
  const people = [alice, bob];
  const clients: HubClient[] = [];

  const adopt = (...args: string[]) => deployment.hub(["adopt", ...args]);
  const isRunning = async (name: string): Promise<boolean> =>
    (await deployment.docker.getContainer(name).inspect()).State.Running;

  before(async () => {
    deployment = await Deployment.create({}, { installed: true });
    await rm(deployment.stackFile);
    old = await OldHub.create(people, admin);
    for (const name of [alice, bob, admin]) {
      clients.push(await old.login(name));
    }
    await old.noteServer(alice);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });
  after(async () => {
    for (const client of clients) {
      await client.close();
    }
    await deployment.remove();
    await (old as OldHub | undefined)?.remove(people);
  });

  it("is looked at while it runs: a stack file says what was found, and no secret", async () => {
    const { stdout } = await adopt("--from", "compose", "--hub", old.name);
    assert.match(stdout, new RegExp(`^Hub: +${old.name}, JupyterHub 5\\.4\\.6$`, "m"));
    assert.match(stdout, /^Database: +\/data\/jupyterhub\.sqlite, 3 people$/m);
    assert.match(stdout, new RegExp(`^Homes: +${alice} \\(${alice}\\), ${bob} \\(${bob}\\)$`, "m"));
    for (const left of [
      "The notebook image quay.io/",
      "c.DockerSpawner.environment",
      "The login dummy",
      "c.JupyterHub.tornado_settings",
    ]) {
      assert.ok(stdout.includes(left), left);
    }
    const text = await readFile(deployment.stackFile, "utf8");
    assert.ok(!/of-nobodys-business|old-password|xxxxx/.test(text + stdout));
    const { config } = parse(text) as { config: Record<string, unknown> };
    assert.deepEqual(config["jupyterhub:storage"], {
      homes: { kind: "volume", name: "{username}", takenOver: people, mountPath: "/home/jovyan/work" },
    });
    assert.deepEqual(config["jupyterhub:auth"], { kind: "shared-password", users: people, admins: [admin] });
    assert.deepEqual(config["jupyterhub:notebook"], { limits: { memory: "512M" } });
    assert.equal(await old.answers(), 200);
    // What the test's machine needs beside it.
    await deployment.configure({
      ...Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("jupyterhub:", ""), value]),
      ),
      servers: { startTimeout: 180, httpTimeout: 180 },
    });
  });

  it("is stopped when asked to, with its servers, and its database is laid ready", async () => {
    const { stdout } = await adopt("--from", "compose", "--hub", old.name, "--stop");
    assert.match(
      stdout,
      new RegExp(`^Copied the database with 3 people to the volume ${deployment.name}-hub-data\\.`, "m"),
    );
    for (const name of [old.name, `jupyter-${alice}`, `jupyter-${bob}`]) {
      assert.equal(await isRunning(name), false, name);
    }
  });

  it("is a stack then: people find their files, and the note of an old server is in nobody's way", async () => {
    await deployment.up();
    const { stdout } = await deployment.hub(["home", "list", "--json"]);
    assert.deepEqual(
      (JSON.parse(stdout) as { user: string }[]).map(({ user }) => user),
      people,
    );
    const client = new HubClient(deployment.url, await deployment.caCertificate(), alice);
    clients.push(client);
    assert.equal(await client.login(await deployment.output("userPassword")), true);
    await client.startServer(START_TIMEOUT_MS);
    const kernel = await RunningKernel.start(client.serverSettings());
    assert.equal(
      await kernel.run('print(open("/home/jovyan/work/old.txt").read().strip())'),
      `old file of ${alice}\n`,
    );
    await kernel.close();
    const again = await deployment.up(["--preview"]);
    assert.doesNotMatch(again.output, /to replace|to delete/);
  });

  it("takes a database of JupyterHub 4 as well, with a server of then noted in it", async () => {
    await old.container.start();
    const file = join(deployment.folder, "four.sqlite");
    await eachFile(await old.four(...people), async (content) => writeFile(file, await buffer(content)));
    await old.container.stop();
    const { output } = await deployment.hub(["database", "restore", file]);
    assert.match(output, /database: restored/);
    const client = new HubClient(deployment.url, await deployment.caCertificate(), bob);
    clients.push(client);
    assert.equal(await client.login(await deployment.output("userPassword")), true);
    await client.startServer(START_TIMEOUT_MS);
  });

  it("comes back with one command, as it was", async () => {
    const { stdout } = await adopt("--undo");
    assert.match(stdout, new RegExp(`^Started again: .*${old.name}`, "m"));
    await until("the old hub answers", async () => (await old.answers()) === 200, 60_000);
    const { HostConfig } = await old.container.inspect();
    assert.equal(HostConfig.RestartPolicy?.Name, "always");
    assert.equal(await isRunning(`${deployment.name}-hub`), false);
    // Whoever was logged in still is: nothing of the old database or its cookie secret was touched.
    for (const client of clients.slice(0, 3)) {
      assert.equal((await client.visit("hub/home")).status, 200);
    }
  });
});
