import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, request } from "undici";

import {
  AUTHORITY_SCRIPT,
  CERTIFICATE_SCRIPT,
  splitPem,
  subjectAltNames,
} from "../../components/tls/openssl";
import { execa, freePorts } from "./deployment";
import { until } from "./until";

export interface PebbleArgs {
  /** Address that it listens on. */
  readonly address: string;
  /** DNS server that it asks, with a port. */
  readonly dns: string;
  /** Ports on which it looks for what it asked for, in the place of 80 and 443. */
  readonly ports: { readonly http: number; readonly https: number };
}

/** Pebble, Let's Encrypt's test server: an ACME authority of a test's own. */
export class Pebble {
  private constructor(
    readonly folder: string,
    /** Address of the ACME directory. */
    readonly directory: string,
    /** Authority of the directory's own certificate, in PEM. */
    readonly authority: string,
    private readonly management: string,
    private readonly process: ChildProcess,
  ) {}

  static async start({ address, dns, ports }: PebbleArgs): Promise<Pebble> {
    const folder = await mkdtemp(join(tmpdir(), "jupyterhub-pebble-"));
    const [port = 0, managementPort = 0] = await freePorts(2);
    const shell = async (script: string, input = "", env = {}) =>
      (await execa("/bin/sh", ["-c", script], { input, env })).stdout;
    const authority = await shell(AUTHORITY_SCRIPT);
    const server = splitPem(
      await shell(CERTIFICATE_SCRIPT, authority, {
        COMMON_NAME: address,
        DAYS: "1",
        SUBJECT_ALT_NAMES: subjectAltNames([address, "127.0.0.1"]),
      }),
    );
    await writeFile(join(folder, "key.pem"), server.key, { mode: 0o600 });
    await writeFile(join(folder, "certificate.pem"), server.certificate);
    await writeFile(
      join(folder, "pebble.json"),
      JSON.stringify({
        pebble: {
          listenAddress: `${address}:${port}`,
          managementListenAddress: `127.0.0.1:${managementPort}`,
          certificate: join(folder, "certificate.pem"),
          privateKey: join(folder, "key.pem"),
          httpPort: ports.http,
          tlsPort: ports.https,
          ocspResponderURL: "",
          externalAccountBindingRequired: false,
        },
      }),
    );
    const child = spawn(
      "pebble",
      ["-config", join(folder, "pebble.json"), "-dnsserver", dns, "-strict", "false"],
      {
        env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let log = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
    }
    const pebble = new Pebble(
      folder,
      `https://${address}:${port}/dir`,
      splitPem(authority).certificate,
      `https://127.0.0.1:${managementPort}`,
      child,
    );
    pebble.log = () => log;
    await until("pebble answers", async () => (await pebble.get("/roots/0").catch(() => "")) !== "");
    return pebble;
  }

  /** What it said. */
  log: () => string = () => "";

  /** The authority that its certificates are from, in PEM. It is a new one at each start. */
  root(): Promise<string> {
    return this.get("/roots/0");
  }

  private async get(path: string): Promise<string> {
    const dispatcher = new Agent({ connect: { ca: this.authority } });
    try {
      const answer = await request(`${this.management}${path}`, { dispatcher });
      return await answer.body.text();
    } finally {
      await dispatcher.close();
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}
