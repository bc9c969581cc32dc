/** From JupyterHub 5.5.4 to the present one with an open notebook, and the way back. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Deployment } from "../e2e/deployment";
import { HubClient } from "../e2e/hub-client";
import { inside } from "../e2e/inside";
import { RunningKernel } from "../e2e/kernel";
import { noneFails } from "../e2e/requests";

const OLD = "5.5.4";

/** In the hub's Dockerfile, while it is root's. */
const PLACE = "# So that the image is found";

/**
 * What of the hub's package is for JupyterHub 6 alone: a module that 5 does not have, the name of a scope, and where a
 * request has its options.
 */
const FOR_OLD = [
  "RUN printf 'import re\\ndef is_valid_safe_slug(slug):\\n    return bool(re.fullmatch(r\"[a-z]([a-z0-9-]*[a-z0-9])?\", slug))\\n' \\",
  "      >$(echo /opt/venv/lib/python3*/site-packages/jupyterhub)/slugs.py \\",
  "    && sed -i -e 's/start:servers/servers/' \\",
  "      -e 's/self.get_server_json_body()\\[\"user_options\"\\]/(self.get_json_body() or {})/' \\",
  "      /opt/jupyterhub/jupyterhub_on_docker/servers/option_checks.py",
  "",
].join("\n");

// Two images and hubs: on request only.
for (const kind of process.env["FAULTS"] === "gate" ? [] : ["sqlite", "postgres"]) {
  describe(`an upgrade from JupyterHub ${OLD}: ${kind}`, function () {
    this.bail(true);
    this.timeout(900_000);

    let deployment: Deployment;
    let alice: HubClient;
    let kernel: RunningKernel | undefined;

    before(async () => {
      deployment = await Deployment.create({ database: { kind } }, { installed: true });
    });
    afterEach(async function () {
      if (this.currentTest?.state === "failed") {
        await deployment.keepLogs(join(__dirname, "artifacts"));
      }
    });
    after(async () => {
      kernel?.leave();
      if (alice as HubClient | undefined) {
        await alice.close();
      }
      await (deployment as Deployment | undefined)?.remove();
    });

    const hub = () => deployment.docker.getContainer(`${deployment.name}-hub`);
    const version = () => inside(hub(), "python3", "-c", "import jupyterhub; print(jupyterhub.__version__)");
    const write = (files: readonly string[], texts: readonly string[]) =>
      Promise.all(
        files.map((file, at) => writeFile(join(deployment.folder, "images", file), texts[at] ?? "")),
      );
    const count = async (step: string) => {
      assert.equal(await kernel?.run("counter += 1; print(counter)"), `${step}\n`);
    };

    it("begins with a hub of then, a person and her notebook", async () => {
      const pinned = await readFile(join(__dirname, "../fixtures", `jupyterhub-${OLD}.txt`), "utf8");
      const locks = ["hub/requirements.txt", "notebook/requirements.txt"];
      const present = await Promise.all(
        [...locks, "hub/Dockerfile"].map((file) => deployment.read(`images/${file}`)),
      );
      const older = present.map((text, at) =>
        at < locks.length
          ? text.replace(/^jupyterhub==.*\n(?: {4}--hash.*\n)+/m, pinned)
          : text.replace(PLACE, `${FOR_OLD}${PLACE}`),
      );
      assert.ok(older.every((text, at) => text !== present[at]));
      await write([...locks, "hub/Dockerfile"], older);
      await deployment.up();
      assert.equal(await version(), OLD);
      await write([...locks, "hub/Dockerfile"], present);

      alice = new HubClient(deployment.url, await deployment.caCertificate(), "alice");
      assert.equal(await alice.login(await deployment.output("userPassword")), true);
      await alice.startServer();
      kernel = await RunningKernel.start(alice.serverSettings());
      await kernel.run("counter = 0");
    });

    it("upgrades with ./up: the database with its people, 0 requests to the notebook failed", async () => {
      await noneFails(alice, () => deployment.up());
      const [now = ""] =
        /^jupyterhub==(.*?) /m.exec(await deployment.read("images/hub/requirements.txt"))?.slice(1) ?? [];
      assert.equal(await version(), now);
      assert.equal((await alice.api("hub/api/users/alice")).status, 200, "her token is gone");
      await count("1");
    });

    it("goes back with ./hub rollback: JupyterHub and database of then, 0 requests failed", async () => {
      const { output } = await noneFails(alice, () => deployment.hub(["rollback", "--yes"]));
      assert.match(
        output,
        /Its database is the copy from before the upgrade \(jupyterhub-before-upgrade-from-/,
      );
      assert.equal(await version(), OLD);
      assert.equal((await alice.api("hub/api/users/alice")).status, 200, "her token is gone");
      await count("2");
      // The hub of before knows her server and stops it, as she asks for it.
      kernel?.leave();
      kernel = undefined;
      await alice.stopServer();
      await alice.startServer();
    });

    it("goes forward again with the next ./up, which upgrades the database once more", async () => {
      kernel = await RunningKernel.start(alice.serverSettings());
      await kernel.run("counter = 2");
      await noneFails(alice, () => deployment.up());
      assert.notEqual(await version(), OLD);
      assert.equal((await alice.api("hub/api/users/alice")).status, 200, "her token is gone");
      await count("3");
      await deployment.up(["--expect-no-changes"]);
    });
  });
}
