/** Whole stacks against mocks: from what an administrator writes to what is registered. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Kept } from "../../../components/generated";
import { AUTHORITY_SCRIPT } from "../../../components/tls/openssl";
import { makeStack } from "../../../stacks";
import type { StackOutputs } from "../../../stacks/outputs";
import { programConfig } from "../components/config";
import { type Run, run } from "../components/harness";

/** Key and certificate; the tests do not look at which. */
export const authority = execFileSync("/bin/sh", ["-c", AUTHORITY_SCRIPT], { encoding: "utf8" });

/** What the one manager of the Swarm answers when it is asked for its nodes. */
const NODES = [
  {
    ID: "n1",
    Version: { Index: 1 },
    Spec: { Role: "manager", Availability: "active", Labels: {} },
    Description: { Hostname: "node1" },
    Status: { State: "ready", Addr: "192.0.2.1" },
  },
];

/** Runs stacks of all variants on one engine, which answers what a Swarm asks. */
export interface StackRunner {
  /** The engine's socket: its path differs at each run of the tests. */
  readonly socket: string;
  readonly make: (
    written: Readonly<Record<string, unknown>>,
    files?: Readonly<Record<string, string>>,
    /** Secrets from before the state was lost. */
    kept?: Kept,
  ) => Promise<Run<StackOutputs>>;
  readonly close: () => Promise<void>;
}

export async function stackRunner(): Promise<StackRunner> {
  const folder = await mkdtemp(join(tmpdir(), "jupyterhub-stack-"));
  const socket = join(folder, "docker.sock");
  const engine = createServer((request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(request.url?.includes("/nodes") ? NODES : []));
  }).listen(socket);
  return {
    socket,
    make: (written, files, kept) => {
      const config = programConfig({ docker: { host: `unix://${socket}` }, ...written }, files);
      return run(
        () =>
          makeStack(config, {
            platform: "linux/amd64",
            isolatedGateway: true,
            localSocket: socket,
            dataFolder: "/var/lib/docker",
            memory: 1e10,
            name: "node1",
            kept,
          }),
        { outputs: { "tls-authority": { stdout: authority }, "tls-certificate": { stdout: authority } } },
      );
    },
    close: async () => {
      engine.close();
      await rm(folder, { recursive: true });
    },
  };
}
