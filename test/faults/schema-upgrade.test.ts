/** A new hub whose JupyterHub has another schema, and which fails after it has upgraded the database. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { demultiplex } from "../../docker-api/logs";
import { Deployment } from "../e2e/deployment";
import { HubClient } from "../e2e/hub-client";
import { inside } from "../e2e/inside";

const OLD = "ff1860e38070";
const NEW = "f460b0348206";

/** JupyterHub without its newest change of the schema: a name that is shown for a server. */
const OLDER = [
  "RUN cd /opt/venv/lib/python3*/site-packages/jupyterhub \\",
  `    && rm alembic/versions/${NEW}_*.py \\`,
  "    && sed -i 's/display_name = Column(Unicode(255))/display_name = None/' orm.py",
  "",
].join("\n");

/** In the hub's Dockerfile, while it is root's. */
const PLACE = "# So that the image is found";

const FAILS = 'import os\nif "JUPYTERHUB_TRIAL" not in os.environ:\n    raise RuntimeError("for real")\n';

// Several images and hubs: on request only.
for (const kind of process.env["FAULTS"] === "gate" ? [] : ["sqlite", "postgres"]) {
  describe(`an upgrade of the schema that has to be taken back: ${kind}`, function () {
    this.bail(true);
    this.timeout(900_000);

    let deployment: Deployment;
    let alice: HubClient;
    let dockerfile: string;
    const artifacts = join(__dirname, "artifacts");

    before(async () => {
      deployment = await Deployment.create({ database: { kind } }, { installed: true });
      dockerfile = await deployment.read("images/hub/Dockerfile");
      assert.ok(dockerfile.includes(PLACE));
    });
    afterEach(async function () {
      if (this.currentTest?.state === "failed") {
        await deployment.keepLogs(artifacts);
      }
    });
    after(async () => {
      if (alice as HubClient | undefined) {
        await alice.close();
      }
      await (deployment as Deployment | undefined)?.remove();
    });

    const hub = () => deployment.docker.getContainer(`${deployment.name}-hub`);
    const writeDockerfile = (text: string) =>
      writeFile(join(deployment.folder, "images/hub/Dockerfile"), text);
    const configure = (code?: string) =>
      deployment.configure({
        database: { kind },
        ...(code === undefined ? {} : { hub: { extraConfig: { kind: "text", text: code } } }),
      });
    const query = (statement: string) =>
      kind === "sqlite"
        ? inside(
            hub(),
            ...[
              "python3",
              "-c",
              "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])",
            ],
            ...["/srv/jupyterhub/jupyterhub.sqlite", statement],
          )
        : inside(
            deployment.docker.getContainer(`${deployment.name}-database`),
            ...["psql", "-U", "postgres", "-d", "jupyterhub", "-Atc", statement],
          );
    const schema = () => query("SELECT version_num FROM alembic_version");
    const knowsAlice = async () => (await alice.api("hub/api/users/alice")).status === 200;

    it("begins with a JupyterHub of an older schema", async () => {
      await writeDockerfile(dockerfile.replace(PLACE, `${OLDER}${PLACE}`));
      await deployment.up();
      assert.equal(await schema(), OLD);
      alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
      assert.equal(await alice.login(await deployment.output("userPassword")), true);
      assert.ok(await knowsAlice());
    });

    it("a trial that fails has upgraded a copy alone", async () => {
      const before = await deployment.containerId("hub");
      await writeDockerfile(dockerfile);
      await configure('raise RuntimeError("bad day")\n');
      const { output, code } = await deployment.up([], { ok: false });
      assert.equal(code, 1, output);
      assert.match(output, /RuntimeError: bad day/);
      assert.equal(await schema(), OLD);
      assert.equal(await deployment.containerId("hub"), before);
      assert.ok(await knowsAlice());
    });

    it("a hub that fails after the upgrade gives way to the last good one, with the old schema", async () => {
      const { Image } = await hub().inspect();
      await configure(FAILS);
      const { output, code } = await deployment.up([], { ok: false });
      assert.equal(code, 1, output);
      assert.match(
        output,
        new RegExp(`runs again, with its database \\(jupyterhub-before-upgrade-from-${OLD}-\\S+\\.sqlite\\)`),
      );
      assert.equal((await hub().inspect()).Image, Image);
      assert.equal(await schema(), OLD);
      assert.ok(await knowsAlice(), "her token is gone");
      const log = demultiplex(await hub().logs({ stdout: true, stderr: true, follow: false }));
      assert.match(log, /database: restored/);
    });

    it("the next ./up upgrades it, and everybody is still there", async () => {
      await configure();
      await deployment.up();
      assert.equal(await schema(), NEW);
      assert.ok(await knowsAlice());
      assert.deepEqual(await deployment.hubContainers(), [`${deployment.name}-hub`]);
      await deployment.up(["--expect-no-changes"]);
    });
  });
}
