import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { goneFromSwarm } from "../../../setup/gone";
import type { StateResource } from "../../../setup/stack";

const resource = (type: string, id: string | undefined, name: string): StateResource => ({
  urn: `urn:pulumi:prod::jupyterhub::docker:index/${type}::${name}`,
  type: `docker:index/${type}`,
  ...(id === undefined ? {} : { id }),
  outputs: { name },
});

describe("what a Swarm no longer has", () => {
  const folder = mkdtempSync(join(tmpdir(), "gone-"));
  const socketPath = join(folder, "docker.sock");
  let lists: Record<string, unknown>;
  let server: Server;

  before(async () => {
    server = createServer((request, response) => {
      const found = lists[request.url ?? ""];
      response.writeHead(found === undefined ? 503 : 200).end(JSON.stringify(found ?? {}));
    });
    await new Promise<void>((resolve) => {
      server.listen(socketPath, resolve);
    });
  });

  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const gone = async (resources: StateResource[]) =>
    (await goneFromSwarm({ host: `unix://${socketPath}` }, { resources, pending: [], outputs: {} })).map(
      ({ object }) => object,
    );

  const known = [
    resource("service:Service", "s1", "x-hub"),
    resource("service:Service", "s2", "x-proxy"),
    resource("secret:Secret", "k1", "x-key"),
    resource("serviceConfig:ServiceConfig", "c1", "x-settings"),
    // One whose creation was interrupted, and one that every engine has.
    resource("service:Service", undefined, "x-none"),
    resource("network:Network", "n1", "x-control"),
  ];

  it("is each service, secret and config of the state that the manager does not list", async () => {
    lists = { "/services": [{ ID: "s1" }], "/secrets": [], "/configs": [{ ID: "c1" }] };
    assert.deepEqual(await gone(known), ["service x-proxy", "secret x-key"]);
  });

  it("is nothing where the engine is no manager: the update says so", async () => {
    lists = {};
    assert.deepEqual(await gone(known), []);
  });
});
