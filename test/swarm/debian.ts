/** Programs of Debian packages, unpacked into the cache and not installed. */
import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "../e2e/deployment";
import { sh } from "./shell";

const cache = join(__dirname, "..", "..", ".cache");

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A program of a package, by its path there. What it is linked to has to be on this machine. */
export async function debianProgram(name: string, path: string): Promise<string> {
  const folder = join(cache, name);
  const program = join(folder, path);
  if (await exists(program)) {
    return program;
  }
  const fresh = `${folder}.${randomBytes(3).toString("hex")}`;
  await mkdir(fresh, { recursive: true });
  const download = () => execa("apt-get", ["download", "-qq", name], { cwd: fresh });
  await download().catch(async () => {
    await sh("apt-get", "update", "-qq");
    return download();
  });
  const [archive = ""] = await readdir(fresh);
  await sh("dpkg-deb", "-x", join(fresh, archive), fresh);
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
  return program;
}
