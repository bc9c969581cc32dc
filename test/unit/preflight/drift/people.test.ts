import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { correctServers, serverSentence } from "../../../../preflight/drift/people";
import type { Correction, ServerDrift } from "../../../../preflight/drift/servers";

const MIB = 1024 * 1024;

const server = (...corrections: readonly Correction[]): ServerDrift => ({
  object: "server of alice (container x-user-alice)",
  id: "u1",
  changes: ["it is paused"],
  corrections,
});

describe("correctServers", () => {
  /** What an engine is asked for, whose server uses so much memory. */
  async function asked(
    corrections: readonly Correction[],
    used: number,
    ready: (network: string | undefined) => boolean = () => true,
  ): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), "engine-"));
    const orders: string[] = [];
    const engine = createServer((request, response) => {
      const path = (request.url ?? "").replace(/\?.*/, "");
      if (request.method === "POST") {
        orders.push(path);
        void text(request).then((body) => {
          response.writeHead(`${path}${body}`.includes("refused") ? 403 : 200).end("Address already in use");
        });
      } else {
        const stats = { total_inactive_file: 10 * MIB };
        response.end(JSON.stringify({ memory_stats: { usage: used + 10 * MIB, stats } }));
      }
    });
    const socket = join(folder, "docker.sock");
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    try {
      await correctServers({ host: `unix://${socket}` }, [server(...corrections)], ready);
    } finally {
      engine.close();
      rmSync(folder, { recursive: true });
    }
    return orders;
  }

  const limit: Correction = { path: "update", body: { Memory: 100 * MIB }, below: 100 * MIB };

  it("asks the engine for what leaves the server running", async () => {
    assert.deepEqual(
      await asked([{ path: "unpause" }, { path: "/networks/n/disconnect" }, limit], 50 * MIB),
      ["/containers/u1/unpause", "/networks/n/disconnect", "/containers/u1/update"],
    );
    assert.equal(
      serverSentence(server()),
      "server of alice (container x-user-alice): it is paused. It will be corrected while it runs.",
    );
  });

  it("leaves a limit that the server is above: programs in it would end", async () => {
    assert.deepEqual(await asked([limit], 95 * MIB), []);
  });

  it("goes on after what the engine refuses", async () => {
    assert.deepEqual(await asked([{ path: "/networks/refused/connect" }, { path: "unpause" }], 0), [
      "/networks/refused/connect",
      "/containers/u1/unpause",
    ]);
  });

  it("asks for less where the engine refuses: a server without a network is worse off than one with another address", async () => {
    const path = "/networks/n/connect";
    assert.deepEqual(await asked([{ path, body: { Address: "refused" }, otherwise: {} }], 0), [path, path]);
  });

  it("waits for a network that is still to come", async () => {
    const join: Correction = { path: "/networks/n/connect", network: "n" };
    assert.deepEqual(await asked([join, { path: "unpause" }], 0, (network) => network === undefined), [
      "/containers/u1/unpause",
    ]);
    assert.deepEqual(await asked([join, { path: "unpause" }], 0, (network) => network === "n"), [
      "/networks/n/connect",
    ]);
  });
});
