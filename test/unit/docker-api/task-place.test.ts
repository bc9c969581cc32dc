import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { taskPlace } from "../../../docker-api/task-place";

describe("the place of a service's task", () => {
  const folder = mkdtempSync(join(tmpdir(), "place-"));
  const socketPath = join(folder, "docker.sock");
  const manager = { address: { host: `unix://${socketPath}` } };
  let tasks: object[];
  let server: Server;

  before(async () => {
    server = createServer((request, response) => {
      const path = (request.url ?? "").replace(/\?.*/, "");
      const answers: Record<string, unknown> = {
        "/info": { Swarm: { NodeID: "n1" } },
        "/tasks": tasks,
        "/nodes/n1": { Description: { Hostname: "node1" } },
        "/nodes/n2": { Description: { Hostname: "node2" } },
      };
      const found = answers[path];
      response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found ?? {}));
    });
    await new Promise<void>((resolve) => {
      server.listen(socketPath, resolve);
    });
  });

  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const task = (NodeID: string, State = "running") => ({
    NodeID,
    Status: { State, ContainerStatus: { ContainerID: `c-${NodeID}` } },
  });
  const hosts = [{ name: "node2", host: "ssh://admin@node2.example.org" }];

  it("is on the engine that is asked, or on that of a node of the configuration", async () => {
    tasks = [task("n2", "starting"), task("n1")];
    assert.deepEqual(await taskPlace(manager, "x-hub", hosts), {
      container: "c-n1",
      node: "node1",
      engine: manager,
    });
    tasks = [task("n2")];
    assert.deepEqual(await taskPlace(manager, "x-hub", hosts), {
      container: "c-n2",
      node: "node2",
      engine: { address: { host: "ssh://admin@node2.example.org", tls: undefined } },
    });
  });

  it("is known by the node's name where nothing leads to it, and is none while no task runs", async () => {
    tasks = [task("n2")];
    assert.deepEqual(await taskPlace(manager, "x-hub", []), {
      container: "c-n2",
      node: "node2",
      engine: undefined,
    });
    tasks = [task("n1", "starting")];
    assert.equal(await taskPlace(manager, "x-hub", hosts), undefined);
  });
});
