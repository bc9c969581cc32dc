import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";

import { execa, freePorts } from "./deployment";
import { until } from "./until";

/** Address of this machine on Docker's own bridge: containers reach it, other machines do not. */
export async function bridgeAddress(): Promise<string> {
  const bridge = (await new Docker().getNetwork("bridge").inspect()) as {
    IPAM: { Config: { Gateway?: string; Subnet: string }[] };
  };
  const [config] = bridge.IPAM.Config;
  return config?.Gateway ?? (config?.Subnet ?? "172.17.0.0/16").replace(/0\/.*$/, "1");
}

/** A BIND of a test's own, with one zone that takes updates signed with one key. It is not the system's service. */
export class Bind {
  readonly key = { name: "e2e-key", algorithm: "hmac-sha256", secret: randomBytes(32).toString("base64") };

  private constructor(
    readonly folder: string,
    readonly zone: string,
    readonly address: string,
    readonly port: number,
  ) {}

  private process: ChildProcess | undefined;

  /** @param records lines of the zone file */
  static async start(zone: string, records: readonly string[]): Promise<Bind> {
    const folder = await mkdtemp(join(tmpdir(), "jupyterhub-bind-"));
    const [port = 0] = await freePorts(1);
    const address = await bridgeAddress();
    const bind = new Bind(folder, zone, address, port);
    await bind.write(records);
    bind.process = spawn("named", ["-g", "-c", join(folder, "named.conf")], { stdio: "ignore" });
    await until(`named answers at ${address}:${port}`, async () => (await bind.dig(zone, "SOA")).length > 0);
    return bind;
  }

  private async write(records: readonly string[]): Promise<void> {
    const { key, folder, zone, address, port } = this;
    await writeFile(
      join(folder, "named.conf"),
      `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };
options {
  directory "${folder}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no;
  listen-on port ${port} { ${address}; 127.0.0.1; }; listen-on-v6 { none; };
};
controls { };
zone "${zone}" { type master; file "zone"; allow-update { key "${key.name}"; }; };
`,
      { mode: 0o600 },
    );
    await writeFile(
      join(folder, "zone"),
      [
        "$TTL 60",
        `@ IN SOA ns.${zone}. admin.${zone}. 1 3600 600 86400 60`,
        `@ IN NS ns.${zone}.`,
        `ns IN A ${address}`,
        ...records,
        "",
      ].join("\n"),
    );
  }

  /** Answers to a question, one a line as `dig +short` has them. */
  async dig(name: string, type: string): Promise<string[]> {
    const { stdout } = await execa(
      "dig",
      [`@${this.address}`, "-p", String(this.port), "+short", "+time=1", "+tries=1", name, type],
      { reject: false },
    );
    return stdout
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(";"))
      .sort();
  }

  async stop(): Promise<void> {
    if (this.process !== undefined) {
      const ended = once(this.process, "exit");
      this.process.kill();
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
