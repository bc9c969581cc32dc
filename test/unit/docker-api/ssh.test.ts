import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dockerClient } from "../../../docker-api/client";

describe("a client over ssh", () => {
  it("asks the ssh program, with user and port, and hands its complaint on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ssh-"));
    const path = process.env["PATH"];
    const socket = join(folder, "docker.sock");
    const engine = createServer((_request, response) => {
      response.setHeader("content-type", "application/json").end('{"Version":"29.0"}');
    });
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    const relay = `const s = require("net").connect(${JSON.stringify(socket)}); process.stdin.pipe(s).pipe(process.stdout);`;
    const expected = "-p 2222 -- ada@docker.example.org docker system dial-stdio";
    writeFileSync(
      join(folder, "ssh"),
      `#!/bin/sh\n[ "$*" = "${expected}" ] || { echo "no route to $4" >&2; exit 255; }\nexec '${process.execPath}' -e '${relay}'\n`,
      { mode: 0o755 },
    );
    process.env["PATH"] = `${folder}:${path ?? ""}`;
    try {
      const docker = await dockerClient({ host: "ssh://ada@docker.example.org:2222" });
      assert.equal((await docker.version()).Version, "29.0");
      const wrong = await dockerClient({ host: "ssh://ada@other.example.org:2222" }, 10_000);
      await assert.rejects(wrong.version(), /no route to ada@other\.example\.org/);
    } finally {
      process.env["PATH"] = path;
      engine.closeAllConnections();
      await new Promise((resolve) => engine.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });
});
