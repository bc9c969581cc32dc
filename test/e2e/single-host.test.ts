import assert from "node:assert/strict";
import { join } from "node:path";

import { hubComesBack, OWN_502, ownAnswerStays, serverComesBack } from "./away";
import { screenshotOfLab } from "./browser";
import { assertIdleIsCheap, assertPreviewIsCheap, assertServersStartFast } from "./cost";
import { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { noneFails } from "./requests";
import { goesBackAndForward } from "./rollback";

const artifacts = join(__dirname, "artifacts");
/** Where pictures go: `PICTURES=docs/images` renews those of the README. */
const pictures = process.env["PICTURES"] ?? artifacts;

/** Each step stands on the one before, as an administrator's days do: the first that fails ends the story. */
describe("single host, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let alice: HubClient;
  let kernel: RunningKernel | undefined;

  before(async () => {
    // As on a hardened server: what images are built from may be read by its owner only.
    deployment = await Deployment.create({}, { hardened: true });
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

  it("./up brings it up from a fresh clone and says how to get in", async function () {
    // Images are built here, and packages installed.
    this.timeout(900_000);
    const { output } = await deployment.up();
    assert.match(output, new RegExp(`https://localhost:${deployment.ports.https}`));
    assert.match(output, /alice, bob/);
    assert.match(output, /admin/);
    assert.match(output, /\.\/hub pulumi stack output userPassword --show-secrets/);
    assert.equal(await deployment.changedFiles(), "", "a tracked file was changed");
  });

  it("shows no secret on the way", async () => {
    const { output } = await deployment.up(["--diff"]);
    for (const key of ["userPassword", "adminPassword"] as const) {
      const secret = await deployment.output(key);
      assert.ok(secret.length >= 16);
      assert.ok(!output.includes(secret), `${key} is in the output`);
      const state = await deployment.run("grep", ["-rlF", "--exclude-dir=node_modules", secret, "."], {
        ok: false,
      });
      assert.equal(state.stdout, "", `${key} is on disk in clear`);
    }
    assert.doesNotMatch(output, /PRIVATE KEY/);
  });

  it("serves TLS with the generated certificate, which only its own authority vouches for", async () => {
    const ca = await deployment.caCertificate();
    alice = new HubClient(deployment.url, ca, "alice");
    assert.equal((await alice.visit("hub/login")).status, 200);
    await assert.rejects(fetch(`${deployment.url}hub/login`), (error: Error) =>
      /certificate/.test(String(error.cause)),
    );
  });

  it("redirects plain HTTP to the same page over HTTPS", async () => {
    const answer = await fetch(`http://localhost:${deployment.ports.http}/hub/login`, { redirect: "manual" });
    assert.ok([301, 302, 307, 308].includes(answer.status), String(answer.status));
    assert.equal(answer.headers.get("location"), `${deployment.url}hub/login`);
  });

  it("refuses a wrong password and a person who is not on the list", async () => {
    assert.equal(await alice.login("not-the-password"), false);
    const mallory = new HubClient(deployment.url, alice.ca, "mallory");
    assert.equal(await mallory.login(await deployment.output("userPassword")), false);
    await mallory.close();
  });

  it("lets alice in, starts her server and runs a cell over its WebSocket", async () => {
    assert.equal(await alice.login(await deployment.output("userPassword")), true);
    await alice.startServer();
    kernel = await RunningKernel.start(alice.serverSettings());
    assert.equal(await kernel.run("print(6 * 7)"), "42\n");
  });

  it("keeps her files in her home, owned by her, when the server stops and starts", async () => {
    assert.ok(kernel);
    assert.equal(
      await kernel.run(
        "import os; open('kept.txt', 'w').write('kept'); print(os.getuid(), os.getgid(), os.getcwd())",
      ),
      "1000 100 /home/jovyan\n",
    );
    kernel.leave();
    await alice.stopServer();
    await alice.startServer();
    kernel = await RunningKernel.start(alice.serverSettings());
    const look =
      "s = os.stat('kept.txt'); h = os.stat('.'); print(open('kept.txt').read(), s.st_uid, s.st_gid, h.st_uid, h.st_gid)";
    assert.equal(await kernel.run(`import os; ${look}`), "kept 1000 100 1000 100\n");
  });

  it("has nothing to do on a second up, nor after a refresh", async () => {
    const again = await deployment.up(["--expect-no-changes"]);
    assert.match(again.output, /unchanged/);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["preview", "--expect-no-changes"]);
    await deployment.pulumi(["up", "--yes", "--expect-no-changes"]);
  });

  it("takes little processor time: idle, for a preview, and to start a server", async () => {
    await assertIdleIsCheap(deployment, 15);
    await assertPreviewIsCheap(deployment, 3.2);
    await assertServersStartFast(deployment, 0.55);
  });

  it("replaces the hub alone for a hub setting: 100 of 100 requests and the kernel do not notice", async () => {
    assert.ok(kernel);
    await kernel.run("counter = 41");
    const reconnects = kernel.watchReconnects();
    const roles = ["hub", "proxy", "docker-filter", "routes"];
    const before = await Promise.all(roles.map((role) => deployment.containerId(role)));

    await deployment.configure({ hub: { logLevel: "DEBUG" } });
    const { output } = await noneFails(alice, () => deployment.up());

    assert.match(output, /hub-container/);
    const after = await Promise.all(roles.map((role) => deployment.containerId(role)));
    assert.notEqual(after[0], before[0], "the hub was not replaced");
    assert.deepEqual(after.slice(1), before.slice(1), "more than the hub was replaced");
    assert.equal(await kernel.run("counter += 1; print(counter)"), "42\n");
    assert.equal(reconnects(), 0);
  });

  it("./hub rollback goes back to the hub of before and forward again; kernel and requests do not notice", async () => {
    assert.ok(kernel);
    const reconnects = kernel.watchReconnects();
    await goesBackAndForward(deployment, alice);
    assert.equal(await kernel.run("counter += 1; print(counter)"), "43\n");
    assert.equal(reconnects(), 0);
  });

  it("works in a real browser", async () => {
    kernel?.leave();
    kernel = undefined;
    const password = await deployment.output("userPassword");
    const problems = await screenshotOfLab(
      deployment.url,
      alice.ca,
      "bob",
      password,
      join(pictures, "lab.png"),
      { loginPicture: join(pictures, "login.png") },
    );
    assert.deepEqual(problems, []);
  });

  it("leaves a notebook's own answer 502 as it is", async () => {
    kernel = await RunningKernel.start(alice.serverSettings());
    const write = `open(f, "w").write(${JSON.stringify(OWN_502)})`;
    await kernel.run(
      `import os; f = os.path.expanduser("~/.jupyter/jupyter_server_config.py"); os.makedirs(os.path.dirname(f), exist_ok=True); ${write}`,
    );
    kernel.leave();
    await alice.stopServer();
    await alice.startServer();
    await ownAnswerStays(alice);
  });

  it("says that the hub is away to page loads alone, and opens by itself in a real browser; the kernel goes on", async () => {
    const hub = deployment.docker.getContainer(`${deployment.name}-hub`);
    kernel = await RunningKernel.start(alice.serverSettings());
    await kernel.run("counter = 41");
    await hubComesBack(alice, { stop: () => hub.stop(), start: () => hub.start() }, async () => {
      assert.equal(await kernel?.run("counter += 1; print(counter)"), "42\n");
    });
    kernel.leave();
    kernel = undefined;
  });

  it("says within 3 s that a killed server is away, and leads to where it is started again", async () => {
    const server = deployment.docker.getContainer(`${deployment.name}-user-alice`);
    await serverComesBack(alice, await deployment.output("userPassword"), () => server.kill());
  });

  it("destroy removes all but the data, and the next up finds it again", async () => {
    const { output } = await deployment.up(["--destroy"]);
    const kept = [
      `${deployment.name}-home-alice`,
      `${deployment.name}-home-bob`,
      `${deployment.name}-hub-data`,
    ];
    assert.deepEqual(await deployment.objects(), { containers: [], networks: [], volumes: kept });
    for (const volume of kept) {
      assert.ok(output.includes(volume), `${volume} is kept and not named`);
    }

    await deployment.up();
    // Certificate authority and passwords went with the state: she gets new ones, and finds her home as it was.
    await alice.close();
    alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
    assert.equal(await alice.login(await deployment.output("userPassword")), true);
    await alice.startServer();
    kernel = await RunningKernel.start(alice.serverSettings());
    assert.equal(await kernel.run("print(open('kept.txt').read())"), "kept\n");
  });

  it("./up and ./hub check say what does not work, since when and what fixes it, and ./up not that it is up", async () => {
    kernel?.leave();
    await alice.stopServer();
    const { docker, name } = deployment;
    const container = (role: string) => docker.getContainer(`${name}-${role}`);
    const check = async () => {
      const { stdout, code } = await deployment.hub(["check"], { ok: false });
      const [title = "", what = "", help = ""] = stdout.split("\n");
      return { stdout, code, title, what: what.trim(), help: help.trim() };
    };
    assert.equal((await check()).stdout, "Everything that was checked works.");
    const fails = async (what: RegExp, help: string) => {
      const answer = await check();
      assert.equal(answer.code, 1, answer.stdout);
      assert.equal(answer.title, "JupyterHub does not work as it should:");
      assert.match(answer.what, what);
      assert.equal(answer.help, help);
    };
    const fix = `To fix it:  ./up ${deployment.stack}`;

    await container("proxy").stop();
    await fails(/-proxy has stopped \(exit code 0\), since [\d:]+ UTC, \d+ s ago\.$/, fix);
    await container("proxy").start();

    const control = docker.getNetwork(`${name}-control`);
    await control.disconnect({ Container: `${name}-hub` });
    await fails(/-hub is not on the network jh-e2e-\w+-control\.$/, fix);
    await control.connect({ Container: `${name}-hub` });

    // Pulumi sees nothing of it, nor does the health check, which would restart the hub in vain.
    const rename = (from: string, to: string) =>
      deployment.run("docker", [
        "exec",
        `${name}-hub`,
        "mv",
        `/srv/jupyterhub/${from}`,
        `/srv/jupyterhub/${to}`,
      ]);
    await rename("jupyterhub.sqlite", "away.sqlite");
    const failed = await deployment.up([], { ok: false });
    assert.equal(failed.code, 1, failed.output);
    assert.match(
      failed.output,
      /The hub's database fails: .*unable to open database file, since .* ago\.\n.*\.\/hub logs hub/,
    );
    assert.doesNotMatch(failed.output, /is up|Outputs:|userPassword/);
    await rename("away.sqlite", "jupyterhub.sqlite");

    const { Id } = await docker.getImage(`${name}-notebook:current`).inspect();
    await docker.getImage(Id).remove({ force: true });
    await fails(/^The image of people's servers is gone, so none of them can start: sha256:\w+\.$/, fix);

    await container("hub").stop();
    await fails(/-hub has stopped \(exit code 0\), since [\d:]+ UTC, \d+ s ago\.$/, fix);
    // What it names helps.
    const { output } = await deployment.up();
    assert.match(output, /JupyterHub is up: {2}https/);
    assert.equal((await check()).code, 0);
  });
});
