import assert from "node:assert/strict";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { demultiplex } from "../../docker-api/logs";
import { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { inside } from "./inside";
import { RunningKernel } from "./kernel";

const artifacts = join(__dirname, "artifacts");
const postgres = { database: { kind: "postgres" } };

/** Each step stands on the one before: the first that fails ends the story. */
describe("the hub's database, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let alice: HubClient;
  let kernel: RunningKernel | undefined;

  before(async () => {
    deployment = await Deployment.create({}, { installed: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });
  after(async () => {
    kernel?.leave();
    if (alice as HubClient | undefined) {
      await alice.close();
    }
    await deployment.remove();
  });

  const container = (role: string) => deployment.docker.getContainer(`${deployment.name}-${role}`);

  /** Runs a command in the hub's container and returns what it printed. */
  const inHub = (...command: string[]) => inside(container("hub"), ...command);
  const sql = (statement: string) =>
    inside(container("database"), "psql", "-U", "postgres", "-d", "jupyterhub", "-Atc", statement);
  const logOf = async (role: string) =>
    demultiplex(await container(role).logs({ stdout: true, stderr: true, follow: false }));
  const hub = (...args: string[]) => deployment.hub(["database", ...args], { ok: false });

  async function eventually<T>(what: string, ask: () => Promise<T>, seconds = 60): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (Date.now() > end) {
          throw new Error(`${what} not within ${seconds} s`, { cause: error });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  const healthy = (role: string) =>
    eventually(`${role} is healthy`, async () => {
      assert.equal((await container(role).inspect()).State.Health?.Status, "healthy");
    });

  async function login(user: string): Promise<HubClient> {
    const client = new HubClient(deployment.url, await deployment.caCertificate(), user);
    assert.equal(await client.login(await deployment.output("userPassword")), true);
    return client;
  }

  it("begins on SQLite, with alice at work", async function () {
    this.timeout(900_000);
    await deployment.up();
    alice = await login("alice");
    await alice.startServer();
    kernel = await RunningKernel.start(alice.serverSettings());
    await kernel.run("counter = 41");
  });

  it("is dumped while the hub is stopped, and while it has no container; what is no copy restarts nothing", async () => {
    const started = async () => (await container("hub").inspect()).State.StartedAt;
    const before = await started();
    const refused = await hub("restore", "README.md");
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /README\.md: .*file is not a database\. Nothing was changed\.$/);
    assert.equal(await started(), before);

    await container("hub").stop({ t: 20 });
    assert.match(
      (await hub("dump", "stopped.sqlite")).output,
      /^stopped\.sqlite: schema \w+, \d+ users, 1 running/,
    );
    assert.notEqual((await hub("restore", "README.md")).code, 0);
    assert.equal((await container("hub").inspect()).State.Running, false);

    await container("hub").remove();
    assert.match(
      (await hub("dump", "gone.sqlite")).output,
      /^gone\.sqlite: schema \w+, \d+ users, 1 running/,
    );
    const later = await hub("restore", "stopped.sqlite");
    assert.equal(later.code, 0, later.output);
    assert.ok(later.output.endsWith(`at its next start: ./up ${deployment.stack}`), later.output);
    await deployment.up();
    assert.match(await logOf("hub"), /database: restored/);
    assert.equal((await alice.api("hub/api/users/alice")).status, 200);
  });

  it("is lost: alice's server is adopted with its kernel and lets her in, bob's first start works", async () => {
    assert.ok(kernel);
    const server = await deployment.containerId("user-alice");
    // What has the name of bob's server, and nothing in it that the hub could keep it by.
    const { Config, Image } = await container("user-alice").inspect();
    const inTheWay = await deployment.docker.createContainer({
      name: `${deployment.name}-user-bob`,
      Image,
      Entrypoint: ["sleep", "infinity"],
      Labels: { ...Config.Labels, "org.jupyterhub.user": "bob" },
      HostConfig: { Init: true },
    });
    await inTheWay.start();
    await inHub("sh", "-c", "rm /srv/jupyterhub/jupyterhub.sqlite*");
    await container("hub").restart({ t: 20 });
    await healthy("hub");
    assert.match(await logOf("hub"), /Adopted server \S+-user-alice of alice, which was not in the database/);
    assert.match(
      await logOf("hub"),
      /Stopping server \S+-user-bob of bob, which was not in the database: it was not started by the hub/,
    );
    const bob = await login("bob");
    await bob.startServer();
    assert.notEqual(await deployment.containerId("user-bob"), inTheWay.id);
    await bob.stopServer();
    await bob.close();

    assert.equal((await alice.api("hub/api/users/alice")).status, 403, "her token outlived the database");
    await alice.close();
    alice = await login("alice");
    assert.equal(
      (await alice.api("hub/api/users/alice/server", { method: "POST" })).status,
      400,
      "not running",
    );
    // As a browser gets in: the server asks the hub with what only the two know.
    let page = await alice.visit("user/alice/lab");
    for (let hops = 0; page.status === 302 && hops < 6; hops += 1) {
      page = await alice.visit(String(page.headers["location"]));
    }
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /JupyterLab/);
    kernel = await kernel.again(alice.serverSettings());
    assert.equal(await kernel.run("print(counter)"), "41\n");
    assert.equal(await deployment.containerId("user-alice"), server);
  });

  /** Extra configuration with which a hub passes its trial, and ends when it is to serve. */
  const failsForReal = {
    hub: {
      extraConfig: {
        kind: "text",
        text: 'import os\nif "JUPYTERHUB_TRIAL" not in os.environ:\n    raise RuntimeError("for real")\n',
      },
    },
  };
  const hubContainers = () => deployment.hubContainers();

  /** An update whose hub fails for real, after which the one before it is there again, with its database. */
  async function putBack(config: Record<string, unknown>): Promise<string> {
    assert.ok(kernel);
    const server = await deployment.containerId("user-alice");
    await deployment.configure({ ...config, ...failsForReal });
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(output, /The last good hub runs again/);
    assert.equal((await alice.visit("hub/home")).status, 200, "alice is logged out");
    assert.equal((await alice.api("hub/api/users/alice")).status, 200, "her token is gone");
    assert.equal(await deployment.containerId("user-alice"), server);
    return output;
  }

  it("is not moved by a hub that fails after it: the one with SQLite is put back and counts again", async function () {
    // The image may have to be built.
    this.timeout(900_000);
    const output = await putBack(postgres);
    assert.match(output, /runs again, with its database \(jupyterhub\.sqlite\)/);
    assert.match(await logOf("hub"), /JupyterHub is now running/);
    // What was made since is moved with the rest.
    const made = await alice.api("hub/api/users/alice/tokens", { method: "POST", body: '{"note":"since"}' });
    assert.equal(made.status, 201);
  });

  it("moves to PostgreSQL: alice stays logged in, and her server and kernel run on", async function () {
    // The image may have to be built.
    this.timeout(900_000);
    assert.ok(kernel);
    const server = await deployment.containerId("user-alice");
    const reconnects = kernel.watchReconnects();
    await deployment.configure(postgres);
    await deployment.up();
    assert.match(
      await logOf("hub"),
      /database: moved \d+ users, \d+ rows in all, from .*jupyterhub\.sqlite, which is kept unchanged/,
    );
    assert.equal(await sql("SELECT name FROM users WHERE name = 'alice'"), "alice");
    assert.equal(await sql("SELECT note FROM api_tokens WHERE note = 'since'"), "since");

    const home = await alice.visit("hub/home");
    assert.equal(home.status, 200, "she is logged out");
    const answer = await alice.api("hub/api/users/alice");
    assert.equal(answer.status, 200, "her token is gone");
    const { servers } = (await answer.json()) as { servers: Record<string, { ready: boolean }> };
    assert.equal(servers[""]?.ready, true, "the hub does not know her server");
    assert.equal(await deployment.containerId("user-alice"), server);
    assert.equal(await kernel.run("counter += 1; print(counter)"), "42\n");
    assert.equal(reconnects(), 0);
  });

  it("has nothing to do on a second up, nor after a refresh", async () => {
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["preview", "--expect-no-changes"]);
  });

  it("is copied for the trial of a new hub: an upgrade that fails is told, and PostgreSQL is as it was", async () => {
    const version = await sql("SELECT version_num FROM alembic_version");
    const volumes = (await deployment.objects()).volumes;
    const running = await deployment.containerId("hub");
    // An older version that it is not: the upgrade makes a column that is there.
    await sql("UPDATE alembic_version SET version_num = 'ff1860e38070'");
    const told = "SELECT count(*), max(id) FROM api_tokens";
    const rows = await sql(told);
    await deployment.configure({ ...postgres, hub: { announcement: { all: "Back soon" } } });
    const { output, code } = await deployment.up([], { ok: false });
    assert.equal(code, 1, output);
    assert.match(output, /hub-trial-run: .*(upgrade|schema)/);
    assert.match(output, /duplicate column name: display_name/);
    assert.equal(await sql("SELECT version_num FROM alembic_version"), "ff1860e38070");
    assert.equal(await sql(told), rows);
    assert.equal(await deployment.containerId("hub"), running);
    assert.deepEqual(await hubContainers(), [`${deployment.name}-hub`]);
    assert.deepEqual((await deployment.objects()).volumes, volumes);
    assert.equal(await inside(container("hub"), "sh", "-c", "ls /srv/jupyterhub | grep trial || true"), "");
    assert.equal((await alice.api("hub/api/users/alice")).status, 200);
    await sql(`UPDATE alembic_version SET version_num = '${version}'`);
  });

  it("stays with the hub that is put back", async () => {
    assert.doesNotMatch(await putBack(postgres), /with its database/);
    await deployment.configure(postgres);
    await deployment.up();
    assert.deepEqual(await hubContainers(), [`${deployment.name}-hub`]);
    await deployment.up(["--expect-no-changes"]);
    assert.equal(await kernel?.run("print(counter)"), "42\n");
  });

  it("shows the password nowhere", async () => {
    const password = await inHub("cat", "/run/secrets/database_password");
    assert.ok(password.length >= 32);
    const shown: Record<string, string> = {
      "the hub's log": await logOf("hub"),
      "the database's log": await logOf("database"),
      "the hub's settings": await inHub("cat", "/etc/jupyterhub/config.json"),
      "a page": (await alice.visit("hub/home")).text,
      "the output of ./up": (await deployment.up(["--diff"])).output,
    };
    for (const role of ["hub", "database"]) {
      shown[`what the engine says of ${role}`] = JSON.stringify(await container(role).inspect());
      shown[`the arguments in ${role}`] = JSON.stringify(
        await container(role).top({ ps_args: "-eo pid,args" }),
      );
    }
    for (const [where, text] of Object.entries(shown)) {
      assert.ok(!text.includes(password), `it is in ${where}`);
    }
    const files = await deployment.run("grep", ["-rlF", "--exclude-dir=node_modules", password, "."], {
      ok: false,
    });
    assert.equal(files.stdout, "", "it is on disk in clear");
  });

  it("is out of a notebook's reach", async () => {
    assert.ok(kernel);
    const { NetworkSettings } = await container("database").inspect();
    const networks = Object.entries(NetworkSettings.Networks);
    assert.deepEqual(
      networks.map(([name]) => name),
      [`${deployment.name}-control`],
    );
    const address = networks[0]?.[1]?.IPAddress ?? "";
    const connect = (host: string, port: number) =>
      `import socket\ntry: socket.create_connection(("${host}", ${port}), 3).close(); print("open")\n` +
      'except OSError: print("closed")';
    assert.equal(await kernel.run(connect("hub", 8081)), "open\n");
    assert.equal(await kernel.run(connect("database", 5432)), "closed\n");
    assert.equal(await kernel.run(connect(address, 5432)), "closed\n");
  });

  it("survives a restart of the database: people log in and start servers again", async () => {
    await container("database").restart({ t: 30 });
    assert.match(await logOf("database"), /database system is shut down/);
    await healthy("database");
    const bob = await eventually("bob logs in", () => login("bob"));
    await bob.startServer();
    await bob.stopServer();
    await bob.close();
    assert.equal(await kernel?.run("counter += 1; print(counter)"), "43\n");
  });

  it("survives a database that is killed", async () => {
    await container("database").kill();
    await container("database").start();
    await healthy("database");
    await eventually("alice is served", async () => {
      assert.equal((await alice.api("hub/api/users/alice")).status, 200);
    });
  });

  it("is copied before an upgrade of its schema", async () => {
    // While it runs, the hub may hold a transaction that keeps others from changing a table.
    await container("hub").stop({ t: 20 });
    await sql(
      "ALTER TABLE spawners DROP COLUMN display_name; UPDATE alembic_version SET version_num = 'ff1860e38070'",
    );
    // And as a database of another stack has it.
    await sql(
      `UPDATE spawners SET state = '{"object_id": "${"9".repeat(64)}", "object_name": "older-user-bob"}' ` +
        "WHERE user_id = (SELECT id FROM users WHERE name = 'bob')",
    );
    await container("hub").start();
    await healthy("hub");
    assert.equal(await sql("SELECT count(display_name) FROM spawners"), "0");
    const copies = await inHub(
      "sh",
      "-c",
      "ls /srv/jupyterhub/jupyterhub-before-upgrade-from-ff1860e38070-*",
    );
    assert.match(copies, /^\S+\.sqlite$/);
    const described = await inHub("jupyterhub-on-docker", "database", "check", copies);
    assert.match(described, /schema ff1860e38070, \d+ users, 1 running servers/);
    assert.equal((await alice.api("hub/api/users/alice")).status, 200);
  });

  it("is dumped to a file and restored from it, with alice at work", async () => {
    await container("hub").stop({ t: 20 });
    assert.match((await hub("dump", "stopped.sqlite")).output, /: expected a file that does not exist yet/);
    assert.match((await hub("dump", "postgres.sqlite")).output, /^postgres\.sqlite: schema \w+, \d+ users/);
    await container("hub").start();
    await healthy("hub");
    const dumped = await hub("dump", "hub.sqlite");
    assert.match(dumped.output, /^hub\.sqlite: schema \w+, \d+ users, 1 running servers$/);
    const file = join(deployment.folder, "hub.sqlite");
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match((await hub("dump", "hub.sqlite")).output, /expected a file that does not exist yet/);

    // Whom the copy has with a server of another stack's, and not with the one that he starts now.
    let bob = await login("bob");
    await bob.startServer();
    await bob.close();
    assert.match(
      await logOf("hub"),
      /bob: ignoring older-user-bob from the database: it does not belong to this stack/,
    );
    const server = await deployment.containerId("user-bob");
    await sql("INSERT INTO groups (name) VALUES ('made-later')");
    const restored = await hub("restore", "hub.sqlite");
    assert.equal(restored.code, 0, restored.output);
    assert.match(restored.output, /database: restored/);
    assert.equal(await sql("SELECT count(*) FROM groups WHERE name = 'made-later'"), "0");
    assert.equal((await alice.visit("hub/home")).status, 200);
    assert.equal(await kernel?.run("counter += 1; print(counter)"), "44\n");

    bob = await eventually("bob logs in", () => login("bob"));
    await bob.serverReady();
    assert.equal((await bob.api("user/bob/api/kernels")).status, 200);
    assert.equal(await deployment.containerId("user-bob"), server);
    await bob.stopServer();
    await bob.close();

    const text = await hub("restore", "README.md");
    assert.notEqual(text.code, 0);
    assert.match(text.output, /file is not a database/);
    assert.doesNotMatch(text.output, /^\s+at /m);
  });

  it("keeps its data over destroy and up, under a new password", async () => {
    const before = await inHub("cat", "/run/secrets/database_password");
    kernel?.leave();
    kernel = undefined;
    const { output } = await deployment.up(["--destroy"]);
    assert.match(output, new RegExp(`${deployment.name}-database-data`));
    assert.deepEqual((await deployment.objects()).containers, []);
    await deployment.up();
    assert.notEqual(await inHub("cat", "/run/secrets/database_password"), before);
    assert.equal(await sql("SELECT count(*) FROM users WHERE name IN ('alice', 'bob')"), "2");
    await alice.close();
    alice = await login("alice");
    assert.equal((await alice.api("hub/api/users/alice")).status, 200);
  });

  it("begins anew if its volume is lost: ./up says so, and recreates the hub, which makes its tables", async () => {
    const hubBefore = await deployment.containerId("hub");
    await container("database").remove({ force: true });
    await deployment.docker.getVolume(`${deployment.name}-database-data`).remove();
    const { output } = await deployment.up();
    assert.match(output, /volume \S+-database-data: it is gone, with all that was in it/);
    assert.match(
      output,
      /container \S+-hub: its database starts empty: the volume \S+-database-data has to be recreated/,
    );
    assert.notEqual(await deployment.containerId("hub"), hubBefore);
    await alice.close();
    alice = await login("alice");
    assert.equal(await sql("SELECT count(*) FROM users WHERE name = 'alice'"), "1");
  });

  it("goes back to SQLite by a dump, and not to what was left there", async () => {
    await rm(join(deployment.folder, "hub.sqlite"));
    await hub("dump", "hub.sqlite");
    await deployment.configure({ hub: { startTimeout: "30s" } });
    const failed = await deployment.up([], { ok: false });
    assert.notEqual(failed.code, 0, failed.output);
    assert.match(
      failed.output,
      new RegExp(
        `was moved to PostgreSQL on .*: \\./hub database restore FILE --at-next-start --stack ${deployment.stack}, then ./up ${deployment.stack}`,
      ),
    );
    // The hub with PostgreSQL was not touched.
    assert.equal((await alice.api("hub/api/users/alice")).status, 200);
    const restored = await hub("restore", "hub.sqlite", "--at-next-start");
    assert.equal(restored.code, 0, restored.output);
    await deployment.up();
    assert.equal((await alice.api("hub/api/users/alice")).status, 200);
  });

  it("tells in a line when a database of somebody else's lets nobody in, and never the password", async () => {
    const url = "postgres://hub:s3cret-p%40ss@hub:5432/hub?sslmode=disable";
    // The hub waits a minute for a database.
    await deployment.configure({ database: { kind: "url", url }, hub: { startTimeout: "90s" } });
    const { output, code } = await deployment.up([], { ok: false });
    assert.notEqual(code, 0, output);
    assert.match(output, /database: no connection to hub:5432, database hub: .*(refused|failed)/);
    assert.match(output, /in clear text in the stack file/);
    assert.doesNotMatch(output, /s3cret/);
    assert.doesNotMatch(await logOf("hub"), /s3cret/);
    assert.match(await readFile(deployment.stackFile, "utf8"), /s3cret/);
  });
});
