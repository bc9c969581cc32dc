import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "./deployment";
import { Example, hostAddress, notebookImage } from "./example";
import type { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { azureServer } from "./servers/azure";
import { privateCertificate } from "./servers/certificate";
import { githubServer } from "./servers/github";
import { gitlabServer } from "./servers/gitlab";
import { OAUTH_CLIENT } from "./servers/oauth";
import type { Page, Visitor } from "./servers/visitor";
import { until } from "./until";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Milliseconds. */
const START = 240_000;

/** Each system of examples/, brought up by its own stack file. Only what cannot be had here is replaced. */
describe("examples, on a real Docker Engine", function () {
  this.timeout(600_000);

  let host: string;
  let image: Awaited<ReturnType<typeof notebookImage>>;
  let tls: Awaited<ReturnType<typeof privateCertificate>>;
  let example: Example;
  let folder: string;

  before(async () => {
    host = await hostAddress();
    image = await notebookImage();
    tls = await privateCertificate(host);
  });
  after(() => (image as typeof image | undefined)?.remove());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "jupyterhub-e2e-example-"));
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await example.deployment.keepLogs(join(__dirname, "artifacts"));
    }
    await example.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const hub = (path: string): string => `${example.url}hub/${path}`;
  const login = (who: Visitor): Promise<Page> => who.open(hub("oauth_login?next=%2Fhub%2Fhome"));
  /** What a cell in somebody's server prints. */
  const run = async (client: HubClient, code: string, kernelName = "python3"): Promise<string> => {
    const kernel = await RunningKernel.start(client.serverSettings(), kernelName);
    try {
      return await kernel.run(code);
    } finally {
      await kernel.close();
    }
  };
  /** Where volumes and folders are in somebody's server, and whether they can be written to. */
  const mounts = async (user: string): Promise<Record<string, boolean>> => {
    const { Mounts } = await example.server(user);
    return Object.fromEntries(Mounts.map(({ Destination, RW }) => [Destination, RW]));
  };
  /** Destroys the stack, and says which volumes it left. */
  const destroyed = async (): Promise<string[]> => {
    await example.deployment.up(["--destroy"]);
    const { containers, networks, volumes } = await example.deployment.objects();
    assert.deepEqual([containers, networks], [[], []]);
    const prefix = `${example.deployment.name}-`;
    return volumes.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
  };

  it("000: GitHub logins by a userlist, its own certificate, a pulled image, homes at ~/work", async () => {
    example = await Example.create("000-github-compose");
    const github = await githubServer().start(host, tls);
    try {
      const certificate = await privateCertificate("localhost");
      const { folder: project } = example.deployment;
      await mkdir(join(project, "secrets"));
      await writeFile(join(project, "secrets", "jupyterhub.cer"), certificate.cert);
      await writeFile(join(project, "secrets", "jupyterhub.key"), certificate.key);
      await writeFile(join(project, "private-ca.pem"), tls.ca);
      const output = await example.up(
        {
          docker: undefined,
          auth: {
            url: github.url,
            caFile: "private-ca.pem",
            clientId: OAUTH_CLIENT.id,
            clientSecret: OAUTH_CLIENT.secret,
          },
          notebook: { image: { name: image.name } },
        },
        certificate.ca,
      );
      assert.ok(output.includes(hub("oauth_callback")));

      const people = ["Alice", "bob", "stranger", "carol"].map((name) => ({ login: name, memberOf: [] }));
      const [alice, bob, stranger, carol] = people.map(() => example.visitor(tls.ca)) as [
        Visitor,
        Visitor,
        Visitor,
        Visitor,
      ];
      [github.person] = people;
      await login(alice);
      assert.deepEqual(await alice.whoami(example.url), { name: "alice", admin: true });
      github.person = people[1];
      await login(bob);
      assert.deepEqual(await bob.whoami(example.url), { name: "bob", admin: false });
      github.person = people[2];
      assert.equal((await login(stranger)).status, 403);

      // An admin adds somebody on the hub's page.
      const admin = await example.client(alice);
      assert.equal((await admin.api("hub/api/users/carol", { method: "POST" })).status, 201);
      github.person = people[3];
      await login(carol);
      assert.deepEqual(await carol.whoami(example.url), { name: "carol", admin: false });

      const client = await example.client(bob);
      await client.startServer(START);
      assert.deepEqual(await mounts("bob"), { "/home/jovyan/work": true });
      assert.equal(await run(client, "import os; print(os.getcwd())"), "/home/jovyan/work\n");
      assert.match((await bob.open(`${example.url}user/bob/`)).url, /\/user\/bob\/tree/);
      assert.deepEqual(await destroyed(), ["home-bob", "hub-data"]);
    } finally {
      await github.close();
    }
  });

  it("001: logins at one's own GitLab by group, an R kernel, homes in named volumes, idle culling", async () => {
    example = await Example.create("001-gitlab-spawner");
    const gitlab = await gitlabServer().start(host, tls);
    try {
      await writeFile(join(example.deployment.folder, "private-ca.pem"), tls.ca);
      const volume = `of-${example.deployment.name}-{username}`;
      await example.up({
        tls: { kind: "self-signed" },
        auth: {
          url: gitlab.url,
          caFile: "private-ca.pem",
          clientId: OAUTH_CLIENT.id,
          clientSecret: OAUTH_CLIENT.secret,
        },
        storage: { homes: { name: volume } },
      });
      const as = async (username: string, ...groups: string[]) => {
        gitlab.person = { id: 7, username, email: `${username}@example.com`, groups };
        const who = example.visitor(tls.ca);
        const { status } = await login(who);
        return { who, status };
      };
      const { who: ann } = await as("ann", "science");
      assert.deepEqual(await ann.whoami(example.url), { name: "ann", admin: false });
      const { who: boss } = await as("boss", "science/it");
      assert.deepEqual(await boss.whoami(example.url), { name: "boss", admin: true });
      assert.equal((await as("stranger", "arts")).status, 403);

      const client = await example.client(ann);
      await client.startServer(START);
      assert.equal(await run(client, "cat(6 * 7, Sys.timezone())", "ir"), "42 Europe/Paris");
      assert.match((await ann.open(`${example.url}user/ann/`)).url, /\/user\/ann\/lab/);
      const { Mounts } = await example.server("ann");
      assert.deepEqual(
        Mounts.map(({ Name, Destination }) => [Name, Destination]),
        [[volume.replace("{username}", "ann"), "/home/jovyan"]],
      );
      const services = await (await example.client(boss)).api("hub/api/services");
      assert.ok("idle-culler" in ((await services.json()) as object));
      const { docker, name } = example.deployment;
      const proxy = await docker.getContainer(`${name}-proxy`).inspect();
      assert.ok(proxy.Config.Cmd.includes("--log.level=ERROR"));
      assert.deepEqual(await destroyed(), ["hub-data", volume.replace("{username}", "ann")]);
    } finally {
      await gitlab.close();
    }
  });

  it("003: Azure AD, names from e-mail, a tree with shared folders, limits, PostgreSQL, 30 MB bodies", async () => {
    example = await Example.create("003-azure-university");
    const tenant = "0b6b3c5e-3f0d-4a0e-8f2e-1d2c3b4a5f60";
    const azure = await azureServer(tenant).start(host, tls);
    const inHost = (line: string) =>
      execa("docker", ["run", "--rm", "-u", "0:0", "-v", `${folder}:/host`, image.name, "sh", "-euc", line]);
    const root = join(folder, "tree");
    try {
      await writeFile(join(example.deployment.folder, "private-ca.pem"), tls.ca);
      const { MemTotal } = (await example.deployment.docker.info()) as { MemTotal: number };
      const memory = Math.min(8 * GIB, Math.floor(MemTotal / 2 / MIB) * MIB);
      await example.up({
        tls: { kind: "self-signed" },
        auth: {
          tenant,
          url: azure.url,
          caFile: "private-ca.pem",
          clientId: OAUTH_CLIENT.id,
          clientSecret: OAUTH_CLIENT.secret,
        },
        notebook: { image: { args: { BASE: image.name } } },
        storage: { homes: { root } },
        users: { "foo-bar--mail-ch": { limits: { memory } } },
      });

      assert.match((await example.visitor().open(hub("login"))).text, /Office365/);
      azure.person = { unique_name: "Foo.Bar@mail.ch" };
      const teacher = example.visitor(tls.ca);
      await login(teacher);
      assert.deepEqual(await teacher.whoami(example.url), { name: "foo-bar--mail-ch", admin: true });
      azure.person = { unique_name: "an-na@mail.ch" };
      const pupil = example.visitor(tls.ca);
      await login(pupil);
      const name = (await pupil.whoami(example.url))?.name ?? "";
      assert.match(name, /^an-na_[a-z2-7]{8}--mail-ch$/);

      const [admin, user] = [await example.client(teacher), await example.client(pupil)];
      await admin.startServer(START);
      await user.startServer(START);
      const common = { "": true, "/colab": true };
      const at = (folders: Record<string, boolean>) => ({
        ...Object.fromEntries(
          Object.entries(folders).map(([path, write]) => [`/home/jovyan/work${path}`, write]),
        ),
        "/home/jovyan/.jupyter/lab": true,
      });
      assert.deepEqual(await mounts(name), at({ ...common, "/shared": false }));
      assert.deepEqual(
        await mounts("foo-bar--mail-ch"),
        at({ ...common, "/shared": true, "/users": true, "/groups/data-science": true }),
      );
      const limits = async (who: string) => {
        const { Memory, MemorySwap } = (await example.server(who)).HostConfig;
        return [Memory, MemorySwap];
      };
      assert.deepEqual(await limits("foo-bar--mail-ch"), [memory, -1]);
      assert.deepEqual(await limits(name), [350 * MIB, -1]);

      const code = "import graphviz, pandas, shutil; print(shutil.which('dot'), pandas.__name__)";
      assert.equal(await run(user, code), "/usr/bin/dot pandas\n");
      const themes = await user.api(`user/${name}/lab/api/settings/@jupyterlab/apputils-extension:themes`);
      assert.match(await themes.text(), /"default": ?"JupyterLab Dark"/);
      const large = { method: "POST", body: "x".repeat(30 * MIB + 1) } as const;
      assert.equal((await user.visit(`user/${name}/api/contents/large.bin`, large)).status, 413);

      // Administrators reach everybody's server, and nobody else does.
      assert.equal((await admin.api(`user/${name}/api/status`)).status, 200);
      assert.equal((await user.api("user/foo-bar--mail-ch/api/status")).status, 403);

      const { containers } = await example.deployment.objects();
      assert.ok(containers.includes(`${example.deployment.name}-database`), containers.join());
      await pupil.open(hub("logout"));
      await until("the server stops when its person logs out", async () => {
        return (await example.servers(name)).length === 0;
      });
      await destroyed();
      const { stdout } = await inHost(`ls /host/tree/users`);
      assert.deepEqual(stdout.split("\n"), [name, "foo-bar--mail-ch"]);
    } finally {
      await azure.close();
      await inHost("rm -rf /host/tree").catch(() => undefined);
    }
  });

  it("004: temporary users, an image from a Git repository, profiles, extra Python, culling, labels", async () => {
    example = await Example.create("004-quick-start");
    const course = join(folder, "course");
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: course });
    await mkdir(course);
    await writeFile(join(course, "requirements.txt"), "tabulate==0.9.0\n");
    await writeFile(join(course, "lesson.txt"), "lesson one\n");
    await git("init", "-q", "-b", "main");
    await git("add", "-A");
    await git("commit", "-qm", "course");
    const ref = (await git("rev-parse", "HEAD")).stdout;
    await writeFile(join(course, "lesson.txt"), "lesson two\n");
    await git("commit", "-qam", "later");

    const idle = 15;
    await example.up({
      notebook: { image: { repository: `file://${course}`, ref } },
      servers: { idle: { timeout: idle, checkInterval: "1s" }, activityInterval: "1s" },
    });
    const [one, other] = [example.visitor(), example.visitor()];
    // Without a login, a form asks for the kind of server.
    const form = await one.open(example.url);
    assert.match(form.text, /Course[\s\S]*Minimal notebook[\s\S]*SciPy notebook/);
    const first = await example.client(one);
    assert.match(first.user, /^[0-9a-f-]{36}$/);
    await one.submit(form, { profile: "course" });
    await first.serverReady(START);
    const code = "import os, tabulate; print(open('lesson.txt').read().strip(), os.environ['IDLE_TIME'])";
    assert.equal(await run(first, code), "lesson one 5 minutes\n");
    assert.deepEqual(await mounts(first.user), {});

    const { stdout } = await example.deployment.hub(["objects", "list"]);
    assert.match(stdout, new RegExp(`^container +${example.deployment.name}-user-.*${first.user}$`, "m"));
    assert.doesNotMatch(stdout, /^volume.* home /m);

    await other.open(example.url);
    const second = await example.client(other);
    assert.notEqual(second.user, first.user);
    await second.startServer(START, { profile: "minimal" });
    assert.match((await other.open(`${example.url}user/${second.user}/`)).url, /\/tree/);

    await until("both servers are gone", async () => (await example.servers()).length === 0, 120_000);
    // The people are gone, too, and with them their tokens.
    await until("both users are gone", async () => (await first.api("hub/api/user")).status === 403);
    assert.deepEqual(await destroyed(), ["database-data", "hub-data"]);
  });
});
