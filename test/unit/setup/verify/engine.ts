/** An engine with one stack on it, and the stack's published port, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Inspected } from "../../../../docker-api/containers";
import type { Subject } from "../../../../setup/verify/subject";

export const subject: Subject = {
  address: { host: "unix:///var/run/docker.sock" },
  stack: "prod",
  prefix: "jh",
  url: "https://hub.example.org/base/",
  isSwarm: false,
  restrictsVisitors: false,
  containers: [],
  services: [],
  nodes: [],
};

type Changes = { readonly [K in "State" | "HostConfig" | "NetworkSettings"]?: object } & {
  readonly RestartCount?: number;
};

/** A container as it should be. */
export function container(role: string, changes: Changes = {}): Inspected {
  return {
    Id: `id-${role}`,
    Name: `/jh-${role}`,
    Created: "2026-11-30T15:00:00.123456789Z",
    Image: `sha256:${"a".repeat(64)}`,
    RestartCount: changes.RestartCount ?? 0,
    State: {
      Status: "running",
      OOMKilled: false,
      ExitCode: 0,
      StartedAt: "2026-11-30T15:00:00.123456789Z",
      FinishedAt: "0001-01-01T00:00:00Z",
      Health: { Status: "healthy", FailingStreak: 0, Log: [] },
      ...changes.State,
    },
    Config: {
      Labels: { "org.jupyterhub.role": role, "org.jupyterhub.stack": "jh" },
      Healthcheck: { Interval: 3e9 },
      Env: [],
      Cmd: [],
      Entrypoint: [],
    },
    HostConfig: {
      RestartPolicy: { Name: "unless-stopped" },
      CapAdd: [],
      CapDrop: [],
      Dns: [],
      ...changes.HostConfig,
    },
    Mounts: [],
    NetworkSettings: { Networks: { "jh-control": { Aliases: [] } }, ...changes.NetworkSettings },
  };
}

const listen = (server: Server, where: { path: string } | { port: number; host: string }): Promise<void> =>
  new Promise((resolve) => {
    server.listen(where, () => {
      resolve();
    });
  });

/** What the engine of a test has. */
export interface Stack {
  containers: Inspected[];
  images: string[];
  /** What the hub offers. */
  settings: object;
  /** What `jupyterhub-on-docker ready` prints. */
  ready: string;
  /** Status and body of the hub's answers, by path. */
  pages: Record<string, [status: number, body: string]>;
}

/** One file as the engine hands it out: in a tar archive. */
function tar(content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write("config.json", 0);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("0", 156);
  header.write("ustar\0", 257);
  const padded = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  padded.write(content);
  return Buffer.concat([header, padded, Buffer.alloc(1024)]);
}

/** Standard output as the engine streams it. */
function framed(text: string): Buffer {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Serves a stack; gives the address of its engine, and its published port. */
export async function serve(
  stack: Stack,
): Promise<{ readonly host: string; readonly port: number; readonly asked: string[]; close(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const asked: string[] = [];
  const front = createServer((request, response) => {
    asked.push(`${request.headers.host ?? ""}${request.url ?? ""}`);
    const [status, body] = stack.pages[request.url ?? ""] ?? [404, "404 page not found\n"];
    response.writeHead(status).end(body);
  });
  await listen(front, { port: 0, host: "127.0.0.1" });
  const answer: RequestListener = (request, response) => {
    const path = (request.url ?? "").replace(/\?.*/, "");
    const json = (value: unknown, status = 200) => response.writeHead(status).end(JSON.stringify(value));
    const [, id = "", what] = /^\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    const found = stack.containers.find(({ Id, Name }) => Id === id || Name === `/${id}`);
    const image = /^\/images\/(.+)\/json$/.exec(path)?.[1];
    if (path === "/containers/json") {
      json(
        stack.containers.map(({ Id, Config, State }) => ({
          Id,
          Labels: Config.Labels,
          State: State.Status,
        })),
      );
    } else if (what === "json" && found) {
      json(found);
    } else if (what === "archive" && found) {
      response.end(tar(JSON.stringify(stack.settings)));
    } else if (what === "exec" && found) {
      json({ Id: "exec" }, 201);
    } else if (path === "/exec/exec/start") {
      response.end(framed(stack.ready));
    } else if (image !== undefined && stack.images.includes(decodeURIComponent(image))) {
      json({});
    } else {
      json({ message: "none" }, 404);
    }
  };
  const engine = createServer(answer);
  const socket = join(folder, "docker.sock");
  await listen(engine, { path: socket });
  return {
    host: `unix://${socket}`,
    port: (front.address() as AddressInfo).port,
    asked,
    close: () => {
      for (const server of [engine, front]) {
        server.close();
        server.closeAllConnections();
      }
      rmSync(folder, { recursive: true });
    },
  };
}
