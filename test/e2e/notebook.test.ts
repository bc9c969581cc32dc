import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { IMAGE_ROLE } from "../../tasks/notebook-image/images";
import { Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";

const artifacts = join(__dirname, "artifacts");
/** Milliseconds. */
const START = 240_000;
const THEMES = "@jupyterlab/apputils-extension:themes";
/** Tells which modules that take long a server imports before it starts, and which of its extensions are in order. */
const STARTED = `
import re, shutil, subprocess, sys
def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    return result.stdout + result.stderr
imported = run(sys.executable, "-X", "importtime", shutil.which("jupyterhub-singleuser"), "--version")
assert "jupyter_server.serverapp" in imported, imported
heavy = "sqlalchemy|alembic|lark|rfc3987_syntax|jupyterhub.(?:orm|roles|handlers)"
print(sorted(set(re.findall(fr"\\|\\s+({heavy})$", imported, re.M))))
print(*re.findall(r"^ +(\\w+) .*OK", run("jupyter", "server", "extension", "list"), re.M))
`;

/** A bare Git repository as a course would have one, and the way to commit to it. */
class Repository {
  private constructor(
    readonly folder: string,
    readonly url: string,
  ) {}

  static async create(): Promise<Repository> {
    const folder = await mkdtemp(join(tmpdir(), "jupyterhub-e2e-git-"));
    const repository = new Repository(folder, `file://${join(folder, "course.git")}`);
    await execa("git", ["init", "-q", "--bare", "-b", "main", join(folder, "course.git")]);
    await execa("git", ["clone", "-q", repository.url, join(folder, "work")]);
    return repository;
  }

  /** Commits files to `main` and returns the commit. */
  async commit(files: Readonly<Record<string, string>>): Promise<string> {
    const cwd = join(this.folder, "work");
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(cwd, name), content);
    }
    const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
    await execa("git", ["add", "-A"], { cwd });
    await execa("git", [...identity, "commit", "-qm", "course"], { cwd });
    await execa("git", ["push", "-q", "origin", "HEAD:main"], { cwd });
    return (await execa("git", ["rev-parse", "HEAD"], { cwd })).stdout;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

describe("notebook images and profiles, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(900_000);

  let deployment: Deployment;
  let course: Repository;
  let alice: HubClient;
  let bob: HubClient;
  let admin: HubClient;
  const clients: HubClient[] = [];

  const profiles = (courseRef: string) => [
    { name: "Plain", description: "For <everybody> & all", default: true, limits: { processes: 200 } },
    {
      name: "With packages",
      slug: "packages",
      image: {
        kind: "packages",
        apt: ["jq", "r-base-core", "r-cran-irkernel"],
        pip: ["tabulate==0.9.0"],
      },
      limits: { memory: "640m", cpus: 0.5 },
      environment: { KIND: "packages" },
      startPage: "notebook",
    },
    {
      name: "Course",
      image: { kind: "git", repository: course.url, ref: courseRef },
      users: ["bob"],
      groups: ["physics"],
    },
  ];
  const notebook = (courseRef: string, more: Record<string, unknown> = {}) => ({
    limits: { memory: "512m" },
    jupyterlab: { overrides: { [THEMES]: { theme: "JupyterLab Dark" } } },
    profiles: profiles(courseRef),
    ...more,
  });

  /** Keys of the stack. A busy machine takes its time to start a server. */
  const keys = (section: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
    notebook: section,
    servers: { startTimeout: "4m", httpTimeout: "4m" },
    ...more,
  });

  /** Notebook images of the stack that the engine has. */
  const images = async (): Promise<string[]> => {
    const filters = { label: [`${STACK_LABEL}=${deployment.name}`, `${ROLE_LABEL}=${IMAGE_ROLE}`] };
    const found = await deployment.docker.listImages({ filters: JSON.stringify(filters) });
    return found.map(({ Id }) => Id);
  };
  const imageId = async (name: string) =>
    (await deployment.docker.getImage(`${deployment.name}-${name}:current`).inspect()).Id;
  const server = (user: string) =>
    deployment.docker.getContainer(`${deployment.name}-user-${user}`).inspect();

  /** Asks for a server over the API, with options that may be refused. */
  const start = async (client: HubClient, options: Record<string, unknown>) => {
    const answer = await client.api(`hub/api/users/${client.user}/server`, {
      method: "POST",
      body: JSON.stringify(options),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const run = async (client: HubClient, code: string, kernelName = "python3"): Promise<string> => {
    const kernel = await RunningKernel.start(client.serverSettings(), kernelName);
    try {
      return await kernel.run(code);
    } finally {
      kernel.leave();
    }
  };

  before(async function () {
    this.timeout(1_200_000);
    course = await Repository.create();
    await course.commit({
      "requirements.txt": "humanize==4.12.3\n",
      "apt.txt": "# for the exercises\ntree\n",
      postBuild: "#!/bin/sh\nset -e\nid -u > made-by-postbuild\n",
      "lesson.txt": "lesson one\n",
    });
    deployment = await Deployment.create(keys(notebook("main")));
    await deployment.up();
    const ca = await deployment.caCertificate();
    const passwords = {
      user: await deployment.output("userPassword"),
      admin: await deployment.output("adminPassword"),
    };
    [alice, bob, admin] = ["alice", "bob", "admin"].map(
      (user) => new HubClient(deployment.url, ca, user),
    ) as [HubClient, HubClient, HubClient];
    clients.push(alice, bob, admin);
    for (const client of [alice, bob]) {
      assert.ok(await client.login(passwords.user));
    }
    assert.ok(await admin.login(passwords.admin));
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await deployment.keepLogs(artifacts);
    }
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await (deployment as Deployment | undefined)?.remove();
    await (course as Repository | undefined)?.remove();
  });

  it("has nothing to do on a second up, nor after a refresh", async () => {
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
    await deployment.pulumi(["up", "--yes", "--expect-no-changes"]);
  });

  it("shows a form with the profiles that a person may have, escaped and with one selected", async () => {
    const { text } = await alice.visit("hub/spawn");
    assert.match(text, /<legend>Kind of server<\/legend>/);
    assert.match(text, /For &lt;everybody&gt; &amp; all/);
    assert.match(text, /id="profile-plain"[^>]* checked/);
    assert.match(text, /<label[^>]*for="profile-packages">With packages</);
    assert.doesNotMatch(text, /profile-course/);
    assert.match((await bob.visit("hub/spawn")).text, /profile-course/);
  });

  it("refuses a profile that is not there, and one of others, and goes on", async () => {
    const unknown = await start(alice, { profile: "nope" });
    assert.equal(unknown.status, 400, unknown.text);
    assert.match(unknown.text, /no such profile. You may have: plain, packages/);
    const foreign = await start(alice, { profile: "course" });
    assert.equal(foreign.status, 403, foreign.text);
    const image = await start(alice, { profile: "plain", image: "debian" });
    assert.equal(image.status, 400, image.text);
  });

  it("starts the default profile without a choice: its limits, and JupyterLab's overrides", async () => {
    await alice.startServer(START);
    const { HostConfig, Image } = await server("alice");
    assert.equal(Image, await imageId("notebook"));
    assert.equal(HostConfig.PidsLimit, 200);
    assert.equal(HostConfig.Memory, 512 * 1024 ** 2);
    const answer = await alice.api(`user/alice/lab/api/settings/${THEMES}`);
    const settings = (await answer.json()) as { schema: { properties: { theme: { default: string } } } };
    assert.equal(settings.schema.properties.theme.default, "JupyterLab Dark");
    await alice.stopServer();
  });

  it("starts the image with packages: apt, pip and an R kernel, with its own limits and environment", async () => {
    await alice.startServer(START, { profile: "packages" });
    const { HostConfig, Image } = await server("alice");
    assert.equal(Image, await imageId("notebook-packages"));
    assert.equal(HostConfig.Memory, 640 * 1024 ** 2);
    assert.equal(HostConfig.MemorySwap, 640 * 1024 ** 2);
    assert.equal(HostConfig.CpuQuota, 50_000);
    assert.equal(HostConfig.PidsLimit, 512);
    const code =
      "import os, shutil, tabulate; print(tabulate.__version__, shutil.which('jq'), os.environ['KIND'])";
    assert.equal(await run(alice, code), "0.9.0 /usr/bin/jq packages\n");
    assert.equal(await run(alice, "cat(6 * 7)", "ir"), "42");
    // As in the default image: what nothing uses is not imported, and no extension is missing.
    assert.equal(
      await run(alice, STARTED),
      "[]\njupyter_lsp jupyter_server_terminals jupyterlab notebook notebook_shim\n",
    );
    await alice.stopServer();
    // Her last choice is selected now.
    assert.match((await alice.visit("hub/spawn")).text, /id="profile-packages"[^>]* checked/);
  });

  it("lets a group in, and starts the image of a Git repository by the form", async () => {
    for (const [path, body] of [
      ["hub/api/groups/physics", "{}"],
      ["hub/api/groups/physics/users", JSON.stringify({ users: ["alice"] })],
    ] as const) {
      const answer = await admin.api(path, { method: "POST", body });
      assert.ok(answer.ok, await answer.text());
    }
    const page = await alice.visit("hub/spawn");
    const action = /action="([^"]*)"[^>]*method="post"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
    assert.ok(action, page.text);
    const sent = await alice.visit(action, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "profile=course",
    });
    assert.equal(sent.status, 302, sent.text);
    await alice.serverReady(START);
    assert.equal((await server("alice")).Image, await imageId("notebook-course"));
    const code = "import humanize, shutil; print(humanize.__version__, shutil.which('tree'))";
    assert.equal(await run(alice, code), "4.12.3 /usr/bin/tree\n");
    await alice.stopServer();
  });

  it("fills a new home with the repository, as postBuild left it", async () => {
    await bob.startServer(START, { profile: "course" });
    const code = "print(open('lesson.txt').read().strip(), open('made-by-postbuild').read().strip())";
    assert.equal(await run(bob, code), "lesson one 1000\n");
  });

  it("keeps to the commit of a branch until another is asked for; then bob has it at his next start", async () => {
    const commit = await course.commit({
      "lesson.txt": "lesson two\n",
      "requirements.txt": "humanize==4.11.0\n",
    });
    await deployment.up(["--expect-no-changes"]);

    const before = { id: await imageId("notebook-course"), hub: await deployment.containerId("hub") };
    await deployment.configure(keys(notebook(commit)));
    await deployment.up();
    await deployment.up(["--expect-no-changes"]);
    const now = await imageId("notebook-course");
    assert.notEqual(now, before.id);
    // The hub takes the new one over while it runs.
    assert.equal(await deployment.containerId("hub"), before.hub);
    // He still runs on the old one, which therefore stays.
    assert.equal((await server("bob")).Image, before.id);
    assert.ok((await images()).includes(before.id));
    assert.equal(await run(bob, "import humanize; print(humanize.__version__)"), "4.12.3\n");

    await bob.stopServer();
    await until("the old image is still there", async () => !(await images()).includes(before.id));
    await bob.startServer(START);
    assert.equal((await server("bob")).Image, now);
    assert.equal(await run(bob, "import humanize; print(humanize.__version__)"), "4.11.0\n");
  });

  it("refuses an image of another JupyterHub version, and leaves the old hub as it is", async () => {
    const folder = join(deployment.folder, "old-version");
    await mkdir(folder);
    await writeFile(
      join(folder, "Dockerfile"),
      'FROM debian:trixie-slim\nRUN printf "#!/bin/sh\\necho 5.4.2\\n" > /usr/bin/jupyterhub-singleuser && chmod +x /usr/bin/jupyterhub-singleuser\n',
    );
    const before = await deployment.containerId("hub");
    const image = { kind: "build", context: "./old-version" };
    await deployment.configure(keys(notebook("main", { image }), { hub: { logLevel: "DEBUG" } }));
    const { code, output } = await deployment.up([], { ok: false });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /jupyterhub:notebook.image: expected JupyterHub 6\.1 \(the hub has 6\.1\.1\), got 5\.4\.2/,
    );
    assert.equal(await deployment.containerId("hub"), before);
    assert.equal((await alice.api("hub/api/")).status, 200);

    await writeFile(join(folder, "Dockerfile"), "FROM debian:trixie-slim\nRUN true\n");
    const none = await deployment.up([], { ok: false });
    assert.match(none.output, /expected a notebook image with the command jupyterhub-singleuser/);
    assert.equal(await deployment.containerId("hub"), before);
  });

  it("removes what a profile had when the profile goes, and all notebook images with the stack", async () => {
    const packages = await imageId("notebook-packages");
    await deployment.configure(keys({ limits: { memory: "512m" } }));
    await deployment.up();
    assert.ok(!(await images()).includes(packages));
    // Without profiles nobody is asked.
    assert.doesNotMatch((await alice.visit("hub/home")).text, /Kind of server/);
    await deployment.up(["--destroy"]);
    assert.deepEqual(await images(), []);
  });
});

async function until(problem: string, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 150_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, problem);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
