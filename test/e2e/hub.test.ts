import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, fetch } from "undici";

import { Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";

const artifacts = join(__dirname, "artifacts");

const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><title>Physics</title></svg>';

/** It needs a package of its own, gets a secret, makes a group, and changes what the settings set. */
const EXTRA = `
assert c.Own.parts == ["first"], "the parts do not run in the order of their names"
import wcwidth

c.JupyterHub.load_groups = {"research": {"users": ["bob"]}}
c.JupyterHub.template_vars = {
    **c.JupyterHub.template_vars,
    "extra": f"extra {wcwidth.wcswidth('コ')} {len(secret('word'))}",
}
`;

/** A web service that tells what it was given. */
const SERVICE = `
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        names = ("GREETING", "API_KEY", "JUPYTERHUB_SERVICE_PREFIX")
        self.wfile.write(json.dumps({name: os.environ[name] for name in names}).encode())
http.server.ThreadingHTTPServer(("0.0.0.0", 10101), Handler).serve_forever()
`;

const LOCKOUT_SECONDS = 6;
const IDLE_SECONDS = 20;
const START_TIMEOUT_MS = 200_000;

const config = {
  hub: {
    baseUrl: "/jupyter",
    announcement: { all: "Maintenance <b>on Friday</b>" },
    logo: "pages/logo.svg",
    templates: "pages/templates",
    staticFiles: "pages/static",
    loginLockout: { attempts: 3, window: "1m", duration: LOCKOUT_SECONDS },
    roles: { tutor: { scopes: ["list:users", "read:users:name"], users: ["bob"] } },
    services: {
      report: { scopes: ["list:users", "read:users:name"], token: "0123456789abcdef0123456789abcdef" },
      monitoring: { scopes: ["read:metrics"] },
      web: {
        url: "http://hub:10101",
        command: ["python", "-c", SERVICE],
        environment: { GREETING: "hello" },
        secrets: { API_KEY: "key-of-the-service" },
      },
    },
    extraConfig: {
      kind: "parts",
      parts: {
        "20-own": { kind: "file", path: "extra.py" },
        "10-first": { kind: "text", text: "c.Own.parts = ['first']\n" },
      },
      secrets: { word: "seventeen letters" },
    },
    image: { packages: ["wcwidth==0.2.13"] },
  },
  servers: {
    idle: {
      timeout: IDLE_SECONDS,
      checkInterval: "1s",
      exceptions: [{ kind: "group", name: "research", timeout: "never" }],
    },
    activityInterval: "1s",
    startTimeout: "3m",
    httpTimeout: "3m",
    shutdownOnLogout: true,
    named: 1,
  },
};

/** A cell that prints a dot each second. */
const dots = (seconds: number) =>
  `import time\nfor _ in range(${seconds}): print('.', end='', flush=True); time.sleep(1)`;

/** Makes files of all kinds in a home, and tells all that there is of them. */
const FILES = `
import os, stat
os.makedirs('work/deep', exist_ok=True)
open('work/data.bin', 'wb').write(bytes(range(256)) * 1000)
open('secret.txt', 'w').write('mine'); os.chmod('secret.txt', 0o600)
open('run.sh', 'w').write('#!/bin/sh'); os.chmod('run.sh', 0o755)
if not os.path.lexists('link'): os.symlink('work/data.bin', 'link')
open('work/deep/' + 'n' * 120 + ' ü.txt', 'w').write('long name')
`;
const LISTING = `
import hashlib, os
names = ['work', 'work/data.bin', 'secret.txt', 'run.sh', 'link', 'work/deep/' + 'n' * 120 + ' ü.txt', '.']
for name in names:
    s = os.lstat(name)
    text = '' if name == 'link' or os.path.isdir(name) else hashlib.sha256(open(name, 'rb').read()).hexdigest()[:8]
    print(name[:10], oct(s.st_mode), s.st_uid, s.st_gid, text, os.readlink(name) if name == 'link' else '')
print(os.path.exists('later.txt'))
`;

/** A cell that wants more memory than the server may have. */
const HOG = 'import os\nhog = b"1" * int(os.environ["MEM_LIMIT"])';

/** Wants more memory than there is left, and has the server be what the kernel of Linux ends for it. */
const KILL_SERVER = `
import glob, os
for path in glob.glob("/proc/[0-9]*"):
    words = open(path + "/cmdline").read()
    if "jupyterhub-singleuser" in words and "docker-init" not in words:
        open(path + "/oom_score_adj", "w").write("1000")
${HOG}
`;

/** What `./hub status --json` has. */
interface StatusAnswer {
  readonly hub: { readonly version: string | null } | null;
  readonly proxy: { readonly version: string | null } | null;
  readonly engine: { readonly version: string };
  readonly certificate: { readonly days: number } | null;
  readonly disk: { readonly size: number; readonly free: number } | null;
  readonly servers: readonly { readonly user: string; readonly server: string }[];
  readonly images: readonly { readonly name: string }[];
  readonly unknown: readonly string[];
}

/** Polls until a condition holds; fails when it takes longer. */
async function until(what: string, timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe("the hub as it is configured, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let url: string;
  let alice: HubClient;
  let bob: HubClient;
  let password: string;
  let outside: Agent;

  const withToken = (token: string | undefined, path: string, method = "GET") =>
    fetch(new URL(path, url), {
      method,
      dispatcher: outside,
      redirect: "manual",
      headers: token === undefined ? {} : { authorization: `token ${token}` },
    });
  const serversOf = async (client: HubClient): Promise<Record<string, { ready: boolean }>> => {
    const answer = await client.api(`hub/api/users/${client.user}`);
    return ((await answer.json()) as { servers: Record<string, { ready: boolean }> }).servers;
  };
  const containers = async () =>
    (await deployment.objects()).containers.filter((name) => name.startsWith(`${deployment.name}-user-`));

  /** Runs one of the project's tools for the stack. */
  const tool = (name: string, args: readonly string[], options: { ok?: boolean } = {}) =>
    deployment.hub([name, ...args], options);
  const helpers = async () =>
    deployment.docker.listContainers({
      all: true,
      filters: { label: [`org.jupyterhub.stack=${deployment.name}`, "org.jupyterhub.role=home-copy"] },
    });

  before(async function () {
    this.timeout(1_800_000);
    deployment = await Deployment.create(config, { installed: true });
    const files: Record<string, string> = {
      "extra.py": EXTRA,
      "pages/logo.svg": LOGO,
      "pages/static/own.css": "body { color: navy; }",
      "pages/templates/login.html":
        '{% extends "templates/login.html" %}{% block login %}<p>{{ extra }}</p><p>Welcome to Physics {{ static_url("external/own.css") }}</p>{{ super() }}{% endblock %}',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(deployment.folder, name, ".."), { recursive: true });
      await writeFile(join(deployment.folder, name), text);
    }
    await deployment.up();
    url = `${deployment.url}jupyter/`;
    const ca = await deployment.caCertificate();
    outside = new Agent({ connect: { ca } });
    alice = new HubClient(url, ca, "alice");
    bob = new HubClient(url, ca, "bob");
    password = await deployment.output("userPassword");
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });

  after(async () => {
    for (const client of [alice, bob] as (HubClient | undefined)[]) {
      await client?.close();
    }
    await (outside as Agent | undefined)?.close();
    await (deployment as Deployment | undefined)?.remove();
  });

  it("is at its base URL, says so, and sends visitors of / there", async () => {
    assert.equal(await deployment.output("url"), url);
    const answer = await withToken(undefined, deployment.url);
    assert.equal(answer.status, 302);
    assert.match(answer.headers.get("location") ?? "", /\/jupyter\/hub\/$/);
    assert.equal((await alice.visit("hub/login")).status, 200);
  });

  it("shows announcement, logo, templates and static files of its own", async () => {
    const { text } = await alice.visit("hub/login");
    assert.ok(text.includes("Maintenance <b>on Friday</b>"));
    assert.match(text, /Welcome to Physics \/jupyter\/hub\/static\/external\/own\.css/);
    assert.equal((await alice.visit("hub/logo")).text, LOGO);
    assert.equal((await alice.visit("hub/static/external/own.css")).text, "body { color: navy; }");
  });

  it("runs the extra configuration, with its package and its secret", async () => {
    assert.ok((await alice.visit("hub/login")).text.includes("extra 2 17"));
  });

  it("locks a name after failed logins, no other at the same address, and for no longer than said", async () => {
    for (const guess of ["a", "b", "c"]) {
      assert.equal((await alice.tryLogin(guess)).status, 403);
    }
    const refused = await alice.tryLogin(password);
    assert.equal(refused.status, 429);
    assert.match(refused.text, /Too many failed logins\. Try again in 1 minute\./);
    assert.ok(Number(refused.headers["retry-after"]) <= LOCKOUT_SECONDS);
    assert.equal(await bob.login(password), true);
    await until("alice's lockout ends", (LOCKOUT_SECONDS + 10) * 1000, () => alice.login(password));
  });

  it("lets a lecture behind one address try to log in at once", async () => {
    const ca = await deployment.caCertificate();
    const people = Array.from({ length: 120 }, (_, index) => new HubClient(url, ca, `guest${index}`));
    const answers = await Promise.all(people.map((one) => one.tryLogin("wrong")));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [403]);
    await Promise.all(people.map((one) => one.close()));
  });

  it("gives a service's token its scopes and no more", async () => {
    const tokens = await deployment.output("serviceTokens");
    assert.equal(tokens["report"], "0123456789abcdef0123456789abcdef");
    const list = await withToken(tokens["report"], "hub/api/users");
    assert.equal(list.status, 200);
    const names = ((await list.json()) as { name: string; servers?: unknown }[]).map(({ name }) => name);
    assert.deepEqual(names.sort(), ["admin", "alice", "bob"]);
    for (const [path, method] of [
      ["hub/api/users/carol", "POST"],
      ["hub/api/users/bob", "DELETE"],
      ["hub/api/users/bob/server", "POST"],
      ["hub/api/groups", "GET"],
      ["hub/api/services", "GET"],
      ["hub/metrics", "GET"],
    ] as const) {
      const answer = await withToken(tokens["report"], path, method);
      // What may not be seen may not be there either.
      assert.ok([403, 404].includes(answer.status), `${method} ${path}: ${answer.status}`);
    }
    assert.equal((await withToken("not-a-token", "hub/api/users")).status, 403);
  });

  it("gives a role's members its scopes", async () => {
    const names = async (client: HubClient) =>
      ((await (await client.api("hub/api/users")).json()) as { name: string }[])
        .map(({ name }) => name)
        .sort();
    assert.deepEqual(await names(bob), ["admin", "alice", "bob"]);
    assert.equal((await alice.api("hub/api/users")).status, 403);
  });

  it("shows metrics to who has the scope, and to nobody else", async () => {
    const { monitoring } = await deployment.output("serviceTokens");
    assert.ok((monitoring ?? "").length >= 32);
    const answer = await withToken(monitoring, "hub/metrics");
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^jupyterhub_total_users /m);
    assert.equal((await withToken(monitoring, "hub/api/users")).status, 403);
    assert.equal((await withToken(undefined, "hub/metrics")).status, 403);
    assert.equal((await alice.api("hub/metrics")).status, 403);
  });

  it("runs a service of its own behind the proxy, with variables and secrets", async () => {
    const answer = await withToken(undefined, "services/web/");
    assert.deepEqual(await answer.json(), {
      GREETING: "hello",
      API_KEY: "key-of-the-service",
      JUPYTERHUB_SERVICE_PREFIX: "/jupyter/services/web/",
    });
  });

  it("stops alice's idle server, and not bob's, whose group is an exception", async () => {
    await Promise.all([alice.startServer(START_TIMEOUT_MS), bob.startServer(START_TIMEOUT_MS)]);
    const kernel = await RunningKernel.start(alice.serverSettings());
    // In use for longer than the timeout: it stays.
    assert.equal(await kernel.run(dots(IDLE_SECONDS + 5)), ".".repeat(IDLE_SECONDS + 5));
    assert.equal((await serversOf(alice))[""]?.ready, true);
    await kernel.close();
    await until("alice's server is stopped", 120_000, async () => !("" in (await serversOf(alice))));
    assert.deepEqual(await containers(), [`${deployment.name}-user-bob`]);
    assert.equal((await serversOf(bob))[""]?.ready, true);
  });

  it("gives bob one named server beside the default one", async () => {
    const start = (name: string) => bob.api(`hub/api/users/bob/servers/${name}`, { method: "POST" });
    assert.ok([201, 202].includes((await start("second")).status));
    await until(
      "the named server is ready",
      START_TIMEOUT_MS,
      async () => (await serversOf(bob))["second"]?.ready === true,
    );
    assert.equal((await bob.api("user/bob/second/api/status")).status, 200);
    const third = await start("third");
    assert.equal(third.status, 400, await third.text());
  });

  it("./hub status says who runs what, in which versions, and how long certificate and disk will do", async () => {
    const started = Date.now();
    const { stdout } = await tool("status", ["--json"]);
    assert.ok(Date.now() - started < 10_000, `${Date.now() - started} ms`);
    const { hub, proxy, engine, certificate, disk, servers, images, unknown } = JSON.parse(
      stdout,
    ) as StatusAnswer;
    assert.match(hub?.version ?? "", /^6\./);
    assert.match(proxy?.version ?? "", /^3\./);
    assert.equal(engine.version, (await deployment.docker.version()).Version);
    assert.ok(Math.abs((certificate?.days ?? 0) - 364) <= 1, stdout);
    assert.ok(disk !== null && disk.free > 0 && disk.free < disk.size, stdout);
    assert.deepEqual(
      servers.map(({ user, server }) => [user, server]),
      [
        ["bob", ""],
        ["bob", "second"],
      ],
    );
    assert.equal(images[0]?.name, `${deployment.name}-notebook:current`);
    assert.deepEqual(unknown, []);
    assert.match((await tool("status", [])).stdout, /^2 servers run and use /m);
  });

  it("lists servers, and stops one while there is no hub", async () => {
    const list = async () =>
      JSON.parse((await tool("servers", ["list", "--json"])).stdout) as Record<string, unknown>[];
    const [first, second] = await list();
    assert.deepEqual([first?.["user"], first?.["server"], first?.["state"]], ["bob", "", "running"]);
    assert.equal(second?.["server"], "second");
    assert.ok(Number(first?.["memory"]) > 20 * 2 ** 20, JSON.stringify(first));
    assert.equal(typeof first?.["processors"], "number");
    assert.match((await tool("servers", ["list"])).stdout, /^bob +second +running +\d+ (s|min) /m);

    const unasked = await tool("servers", ["stop", "--all"], { ok: false });
    assert.equal(unasked.code, 2, unasked.output);
    const hub = deployment.docker.getContainer(`${deployment.name}-hub`);
    await hub.stop({ t: 20 });
    assert.match((await tool("status", [])).stdout, /^JupyterHub: {2}does not run$/m);
    const { stdout } = await tool("servers", ["stop", "bob", "--server", "second"]);
    assert.equal(stdout, "Server second of bob was stopped.");
    await hub.start();
    await until("the hub knows it", 60_000, async () => {
      const servers = await serversOf(bob).catch(() => undefined);
      return servers !== undefined && !("second" in servers) && servers[""]?.ready === true;
    });
    assert.deepEqual(await containers(), [`${deployment.name}-user-bob`]);
  });

  it("stops bob's servers when he logs out", async () => {
    await bob.visit("hub/logout");
    await until("bob's servers are stopped", 30_000, async () => (await containers()).length === 0);
  });

  it("saves a home and loads it again: owners, modes, links, and nothing that came later", async () => {
    await alice.startServer(START_TIMEOUT_MS);
    let kernel = await RunningKernel.start(alice.serverSettings());
    await kernel.run(FILES);
    const before = await kernel.run(LISTING);
    const file = join(deployment.folder, ".state", "alice.tar.gz");
    // Busy all the while, so that it is not idle.
    const [saved] = await Promise.all([tool("home", ["save", "alice", file]), kernel.run(dots(5))]);
    assert.match(saved.output, /Note: the server of alice is running/);
    const [refused] = await Promise.all([
      tool("home", ["load", "alice", file, "--replace"], { ok: false }),
      kernel.run(`${dots(5)}\nopen('later.txt', 'w').close(); open('secret.txt', 'w').write('changed')`),
    ]);
    assert.equal(refused.code, 1);
    assert.match(refused.output, /^load: expected no running server of alice, found one\.\n/);
    kernel.leave();
    await alice.stopServer();

    const full = await tool("home", ["load", "alice", file], { ok: false });
    assert.match(full.output, /^load: expected an empty home, but that of alice has files\.\n/);
    const list = await tool("home", ["list"]);
    assert.match(list.stdout, new RegExp(`^alice  +${deployment.name}-home-alice$`, "m"));
    await tool("home", ["load", "alice", file, "--replace"]);
    assert.deepEqual(await helpers(), []);

    await alice.startServer(START_TIMEOUT_MS);
    kernel = await RunningKernel.start(alice.serverSettings());
    assert.equal(await kernel.run(LISTING), before);
    assert.ok(before.endsWith("False\n"));
    assert.match(before, /^secret\.txt 0o100600 1000 100 /m);
    kernel.leave();
    const stopped = await tool("servers", ["stop", "alice"]);
    assert.equal(stopped.stdout, "The server of alice was stopped.");
    assert.equal((await tool("servers", ["stop", "alice"])).stdout, "No such server of alice runs.");
    assert.ok(!("" in (await serversOf(alice))));
  });

  it("loads a home for a person who has none yet, and refuses what is no archive", async () => {
    const file = join(deployment.folder, ".state", "alice.tar.gz");
    await tool("home", ["load", "carol.x", file]);
    assert.ok((await deployment.objects()).volumes.includes(`${deployment.name}-home-carol-2ex`));
    await tool("home", ["save", "carol.x", join(deployment.folder, ".state", "carol.tar")]);
    const bad = await tool("home", ["load", "carol.x", deployment.stackFile], { ok: false });
    assert.match(bad.output, /expected a tar archive, but /);
    const nobody = await tool("home", ["save", "nobody", "x.tar"], { ok: false });
    assert.match(
      nobody.output,
      /^save: expected a person with a home, got nobody\.\n {2}There are: alice, bob, carol\.x\./,
    );
  });

  it("shows logs", async () => {
    const hub = await tool("logs", ["hub", "--tail", "all"]);
    assert.match(hub.output, /User logged in: alice/);
    assert.match(hub.output, /Culling server alice/);
    assert.equal((await tool("logs", ["docker-filter", "--tail", "1"])).code, 0);
    const nobody = await tool("logs", ["nobody"], { ok: false });
    assert.equal(nobody.code, 1);
    assert.match(
      nobody.output,
      /^logs: expected .*docker-filter, .*hub, .*or a person with a server, got nobody\./,
    );
  });

  it("tells bob and the administrator that memory was the reason: of a killed kernel, then of a lost server", async () => {
    // He has no idle timeout.
    assert.equal(await bob.login(password), true);
    await bob.startServer(START_TIMEOUT_MS);
    const kernel = await RunningKernel.start(bob.serverSettings());
    const told = kernel.nextEvent("https://jupyterhub-on-docker.invalid/kernel-died");
    kernel.die(HOG);
    assert.match(
      await told,
      /^"The server reached its memory limit \(512 MiB\), so a kernel was killed and restarted\./,
    );
    assert.match(
      (await tool("logs", ["bob"])).output,
      /Kernel [0-9a-f-]+: The server reached its memory limit/,
    );

    // This time the kernel of Linux is to choose the server, and what asks for the memory ends with its container.
    kernel.leave();
    await execa("docker", ["exec", `${deployment.name}-user-bob`, "python3", "-c", KILL_SERVER], {
      reject: false,
    });
    await until("bob's server is lost", 120_000, async () => !("" in (await serversOf(bob))));
    const reason = "Your server was killed because it used all of its memory (512 MiB).";
    assert.ok((await bob.visit("hub/home")).text.includes(reason));
    assert.ok((await bob.visit("hub/user/bob/lab")).text.includes(reason));
    const { output } = await tool("logs", ["bob"]);
    assert.match(
      output,
      /^bob's server ended at .* UTC: killed for memory: the limit \(512 MiB\) was reached/m,
    );
    assert.match(output, /Kernel [0-9a-f-]+: The server reached its memory limit/);
    assert.match(
      (await tool("logs", ["hub", "--tail", "50"])).output,
      /The server of bob: killed for memory: .* Its last lines: \.\/hub logs bob --previous --stack /,
    );
  });

  it("has nothing to do on a second up, nor after a refresh", async () => {
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["preview", "--expect-no-changes"]);
  });

  it("tells alice why no server starts from an image that is gone, and the administrator how to get it back", async () => {
    await deployment.docker.getImage(`${deployment.name}-notebook:current`).remove({ force: true });
    await alice.api("hub/api/users/alice/server", { method: "POST" });
    const reason = "The image that your server is started from is missing. Ask an administrator.";
    await until("alice reads the reason", 30_000, async () =>
      (await alice.visit("hub/home")).text.includes(reason),
    );
    const { output } = await tool("logs", ["alice"]);
    assert.match(output, /^alice's server did not start at .*Build or pull it again: \.\/up /m);
  });

  it("refuses extra configuration that is no Python at preview, and says the line", async () => {
    await writeFile(join(deployment.folder, "extra.py"), "c.JupyterHub.port = 1\nif True print(1)\n");
    const { code, output } = await deployment.pulumi(["preview"], { ok: false });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /hub\.extraConfig\.parts\["20-own"\]\.path: expected Python without syntax errors, got line 2: /,
    );
  });

  it("lists all that stack and hub made, and removes it with one command", async () => {
    const { stdout } = await tool("objects", ["list"]);
    const { containers, networks, volumes } = await deployment.objects();
    for (const name of [...containers, ...networks, ...volumes, `${deployment.name}-hub:current`]) {
      assert.match(stdout, new RegExp(`^(container|network|volume|image) +${name} `, "m"));
    }
    // The only stack that was brought up from here needs no name.
    const listed = JSON.parse((await deployment.run("./hub", ["objects", "--json"])).stdout) as {
      name: string;
    }[];
    assert.equal(listed.length, stdout.trim().split("\n").length - 1);
    assert.ok(listed.some(({ name }) => name === `${deployment.name}-hub-data`));
    const unasked = await tool("objects", ["remove"], { ok: false });
    assert.equal(unasked.code, 2);
    assert.match(unasked.output, /expected --yes/);
    await tool("objects", ["remove", "--yes"]);
    assert.deepEqual(await deployment.objects(), { containers: [], networks: [], volumes });
    await tool("objects", ["remove", "--yes", "--data"]);
    assert.deepEqual(await deployment.objects(), { containers: [], networks: [], volumes: [] });
    assert.equal((await tool("objects", ["list"])).stdout.trim().split("\n").length, 1);
  });
});
