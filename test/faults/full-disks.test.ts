/** Small volumes that get full: the hub's data on a file system in a file, homes in memory. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { type Deployment, execa } from "../e2e/deployment";
import { faultAtWork } from "./fault";
import { World } from "./world";

const HOME_MIB = 24;

/** What the hub runs as. A file system that is not empty keeps its owner. */
const HUB_USER = "10001:10001";

describe("full disks", function () {
  this.timeout(900_000);

  let world: World;
  let loop = "";
  const file = join(tmpdir(), `jupyterhub-faults-${process.pid}.img`);
  before(async () => {
    const options = { type: "tmpfs", device: "tmpfs", o: `size=${HOME_MIB}m,uid=1000,gid=100` };
    const prepare = async ({ docker, name }: Deployment) => {
      await execa("truncate", ["-s", "32M", file]);
      await execa("mkfs.ext4", ["-q", "-m", "0", "-E", `root_owner=${HUB_USER}`, file]);
      loop = (await execa("losetup", ["--find", "--show", file])).stdout.trim();
      await docker.createVolume({
        Name: `${name}-hub-data`,
        Labels: { [STACK_LABEL]: name, [ROLE_LABEL]: "hub-data" },
        DriverOpts: { type: "ext4", device: loop },
      });
    };
    world = await World.create({ storage: { homes: { kind: "volume", options } } }, { prepare });
  });
  after(async () => {
    await (world as World | undefined)?.remove();
    if (loop !== "") {
      await execa("losetup", ["--detach", loop]);
    }
    await rm(file, { force: true });
  });

  faultAtWork(
    "single-host",
    "hub-data-full",
    () => world,
    async (one) => {
      await one.inside("hub", "sh", "-c", "dd if=/dev/zero of=/srv/jupyterhub/fill bs=64k 2>/dev/null; true");
      await one.seconds("./hub check names the disk", async () => {
        const { output, code } = await one.deployment.hub(["check"], { ok: false });
        return code === 1 && /disk|space/i.test(output);
      });
      await one.inside("hub", "rm", "/srv/jupyterhub/fill");
      const seconds = await one.seconds("bob can log in", () => one.canLogIn());
      const integrity =
        "import sqlite3; print(sqlite3.connect('/srv/jupyterhub/jupyterhub.sqlite').execute('pragma integrity_check').fetchone()[0])";
      assert.equal(await one.inside("hub", "python", "-c", integrity), "ok");
      await one.somebodyWorks();
      return {
        seen: "./hub check named the disk. With space again, bob worked; the database is intact.",
        seconds,
      };
    },
  );

  faultAtWork(
    "single-host",
    "home-full",
    () => world,
    async (one) => {
      const fill = { type: "file", format: "text", content: "x".repeat(4 * 2 ** 20) };
      const save = async (name: string) => {
        const answer = await one.alice.api(`user/alice/api/contents/${name}`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(fill),
        });
        return { status: answer.status, text: await answer.text() };
      };
      const refused: string[] = [];
      for (let at = 0; at < HOME_MIB / 4 + 1; at += 1) {
        const { status, text } = await save(`fill-${at}.txt`);
        if (status >= 400) {
          refused.push(text);
        }
      }
      assert.match(refused[0] ?? "", /No space left|Errno 28/);
      await one.python("import glob, os\nfor name in glob.glob('fill-*.txt'): os.remove(name)");
      const seconds = await one.seconds("alice can save", async () => {
        const { status } = await save("small.txt");
        return status < 400;
      });
      return { seen: "Saving was refused with the reason, and worked again when there was space.", seconds };
    },
  );
});
