/** A disk of its own, small enough to fill it: a file system in a file. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { type Deployment, execa } from "../e2e/deployment";
import type { World } from "./world";

/** More than the hub takes for enough free space (100 MiB), or it would say from the beginning that its disk is full. */
const MIB = 192;

export class LoopDisk {
  private constructor(
    private readonly file: string,
    private readonly device: string,
  ) {}

  /** @param owner uid and gid of who writes there: a file system that is not empty keeps its owner */
  static async create(owner: string): Promise<LoopDisk> {
    const file = join(tmpdir(), `jupyterhub-faults-${process.pid}-${owner.replace(":", "-")}.img`);
    await execa("truncate", ["-s", `${MIB}M`, file]);
    await execa("mkfs.ext4", ["-q", "-m", "0", "-E", `root_owner=${owner}`, file]);
    return new LoopDisk(file, (await execa("losetup", ["--find", "--show", file])).stdout.trim());
  }

  /** Makes it the stack's volume for a role, before the stack would make one. */
  async serve({ docker, name }: Deployment, role: string): Promise<void> {
    await docker.createVolume({
      Name: `${name}-${role}`,
      Labels: { [STACK_LABEL]: name, [ROLE_LABEL]: role },
      DriverOpts: { type: "ext4", device: this.device },
    });
  }

  async remove(): Promise<void> {
    await execa("losetup", ["--detach", this.device]);
    await rm(this.file, { force: true });
  }
}

/** Fills the disk of a folder in a container, to the last block. A disk that is larger is not that of the test. */
export async function fill(one: World, role: string, folder: string): Promise<void> {
  const blocks = Number(await one.inside(role, "stat", "-f", "-c", "%b", folder));
  const size = Number(await one.inside(role, "stat", "-f", "-c", "%S", folder));
  assert.ok(blocks * size <= MIB * 2 ** 20, `${folder} of ${role} is not on the disk that was made for it`);
  // What ext4 had set aside for its own tables is free after a `sync`.
  const write = `for _ in 1 2 3; do cat /dev/zero >>${folder}/fill; sync; done 2>/dev/null; true`;
  await one.inside(role, "sh", "-c", write);
  const free = Number(await one.inside(role, "stat", "-f", "-c", "%a", folder));
  // The rest is taken by whoever writes there next.
  assert.ok(free * size < 2 ** 20, `${free} blocks of ${size} bytes are free in ${folder}`);
}

export async function empty(one: World, role: string, folder: string): Promise<void> {
  await one.inside(role, "rm", `${folder}/fill`);
}
