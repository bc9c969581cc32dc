/** The way into machines by ssh: Debian's sshd in each, and an ssh of the cluster's own, which knows them and their key. */
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { debianProgram } from "./debian";
import { sh } from "./shell";

/** Path in Debian's openssh-server. */
const PROGRAM = join("usr", "sbin", "sshd");

export class Ssh {
  private constructor(
    private readonly folder: string,
    private readonly program: string,
  ) {}

  /** Folder whose `ssh` gets into the machines, for PATH. */
  get path(): string {
    return join(this.folder, "bin");
  }

  /** @param folder new, for keys and settings. */
  static async create(folder: string, addresses: readonly string[]): Promise<Ssh> {
    const at = (name: string): string => join(folder, name);
    await mkdir(at("bin"), { recursive: true });
    for (const name of ["host", "user"]) {
      await sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(name));
    }
    const publicKey = await readFile(at("host.pub"), "utf8");
    await writeFile(at("known_hosts"), addresses.map((address) => `${address} ${publicKey}`).join(""));
    await writeFile(
      at("config"),
      [
        `IdentityFile ${at("user")}`,
        "IdentitiesOnly yes",
        `UserKnownHostsFile ${at("known_hosts")}`,
        "StrictHostKeyChecking yes",
        "BatchMode yes",
        "",
      ].join("\n"),
    );
    const real = await sh("sh", "-c", "command -v ssh");
    await writeFile(at("bin/ssh"), `#!/bin/sh\nexec ${real} -F ${at("config")} "$@"\n`);
    await chmod(at("bin/ssh"), 0o755);
    return new Ssh(folder, await debianProgram("openssh-server", PROGRAM));
  }

  /** Writes what node.sh starts a machine's sshd with. */
  async prepare(machine: string, address: string): Promise<void> {
    const at = (name: string): string => join(machine, "ssh", name);
    await mkdir(at("."));
    await copyFile(join(this.folder, "host"), at("host"));
    await copyFile(join(this.folder, "user.pub"), at("authorized_keys"));
    await writeFile(
      at("config"),
      [
        `ListenAddress ${address}`,
        `HostKey ${at("host")}`,
        `AuthorizedKeysFile ${at("authorized_keys")}`,
        "PasswordAuthentication no",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "",
      ].join("\n"),
    );
    // The package's own user, and a root that may log in with a key: in the machine only.
    const passwd = await readFile("/etc/passwd", "utf8");
    await writeFile(at("passwd"), `${passwd}sshd:x:64000:65534::/run/sshd:/usr/sbin/nologin\n`);
    await writeFile(at("shadow"), "root:*:::::::\n");
    await writeFile(at("program"), `${this.program}\n`);
  }
}
