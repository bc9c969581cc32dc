import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { HomeTree } from "../../../../components/storage/home-tree";
import { run } from "../harness";

describe("HomeTree", () => {
  const make = () =>
    run(
      () =>
        new HomeTree("home-tree", {
          prefix: "jupyterhub-test",
          image: "sha256:hub",
          root: "/srv/tree",
          logging: { maxSize: "10m", maxFiles: 3 },
        }),
    );

  it("runs once, as root of the tree and of nothing else", async () => {
    const { inputs, find } = await make();
    const { entrypoints, ...rest } = inputs("home-tree-container");
    assert.equal((entrypoints as string[])[1], "-euc");
    assert.deepEqual(rest, {
      name: "jupyterhub-test-home-tree",
      image: "sha256:hub",
      command: ["groups", "user-settings", "users"],
      user: "0:0",
      networkMode: "none",
      labels: [
        { label: "org.jupyterhub.role", value: "home-tree" },
        { label: "org.jupyterhub.stack", value: "jupyterhub-test" },
      ],
      capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      restart: "no",
      volumes: [{ hostPath: "/srv/tree", containerPath: "/tree" }],
      attach: true,
      mustRun: false,
    });
    assert.equal(find("home-tree-container").options.deleteBeforeReplace, true);
  });

  describe("its script", () => {
    let folder: string;
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "tree-"))));
    afterEach(() => rm(folder, { recursive: true }));

    /** Runs the script on a folder of this machine, with this user in the place of root. */
    async function script(): Promise<void> {
      const { inputs } = await make();
      const [shell = "", flags = "", text = "", name = ""] = inputs("home-tree-container")[
        "entrypoints"
      ] as string[];
      const here = text
        .replaceAll("/tree/", `${folder}/`)
        .replace("--owner 0", `--owner ${process.getuid?.() ?? 0}`)
        .replace("--group 0", `--group ${process.getgid?.() ?? 0}`);
      await promisify(execFile)(shell, [flags, here, name, "groups", "users"]);
    }

    it("makes folders that only their owner can change, and leaves what is in them", async () => {
      await mkdir(join(folder, "users"), { mode: 0o777 });
      await writeFile(join(folder, "users", "kept"), "kept");
      await script();
      await script();
      for (const name of ["groups", "users"]) {
        assert.equal((await stat(join(folder, name))).mode & 0o7777, 0o755);
      }
      assert.ok(await stat(join(folder, "users", "kept")));
    });

    it("follows no link", async () => {
      await symlink("/etc", join(folder, "users"));
      await assert.rejects(script(), /users is a link: a folder is expected/);
    });
  });
});
