import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { engineFault } from "../../../config/engine-fault";
import { socketPath, withPort } from "../../../docker-api/address";
import { dockerClient } from "../../../docker-api/client";
import { environmentTls } from "../../../docker-api/tls";

describe("addresses of Docker Engines", () => {
  for (const [host, tls, expected] of [
    ["tcp://docker.example.org", true, "tcp://docker.example.org:2376"],
    ["tcp://docker.example.org", false, "tcp://docker.example.org:2375"],
    ["tcp://docker.example.org:99", true, "tcp://docker.example.org:99"],
    ["tcp://[::1]", true, "tcp://[::1]:2376"],
    ["tcp://[::1]:99", true, "tcp://[::1]:99"],
    ["ssh://ada@host", false, "ssh://ada@host"],
    ["unix:///run/docker.sock", false, "unix:///run/docker.sock"],
  ] as const) {
    it(`${host} ${tls ? "with" : "without"} TLS is ${expected}`, () => {
      assert.equal(withPort(host, tls), expected);
    });
  }
  it("only a unix:// host has a socket", () => {
    assert.equal(socketPath("unix:///run/docker.sock"), "/run/docker.sock");
    assert.equal(socketPath("tcp://a:1"), undefined);
  });
});

describe("certificates of the environment", () => {
  it("are those of DOCKER_CERT_PATH, or of ~/.docker with DOCKER_TLS_VERIFY", () => {
    const folder = mkdtempSync(join(tmpdir(), "certificates-"));
    try {
      for (const name of ["ca", "cert", "key"]) {
        writeFileSync(join(folder, `${name}.pem`), name);
      }
      const expected = { ca: "ca", cert: "cert", key: "key" };
      assert.deepEqual(environmentTls({ DOCKER_CERT_PATH: folder }, "/nowhere"), expected);
      assert.equal(environmentTls({ DOCKER_TLS_VERIFY: "", DOCKER_CERT_PATH: "" }, folder), undefined);
      assert.throws(() => environmentTls({ DOCKER_TLS_VERIFY: "1" }, folder), /\.docker/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what a failed connection says of certificates", () => {
  for (const [code, key] of [
    ["SELF_SIGNED_CERT_IN_CHAIN", "docker.tls.ca"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "docker.tls.ca"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "docker.host"],
    ["CERT_HAS_EXPIRED", "docker.host"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "docker.tls.certificate"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "docker.tls.certificate"],
    ["EPROTO", "docker.host"],
  ] as const) {
    it(`${code}: ${key} is at fault`, () => {
      const message = engineFault("tcp://h:2376", code, "in OpenSSL's words") ?? "";
      assert.ok(message.startsWith(`jupyterhub:${key}: expected `), message);
      assert.match(message, /h:2376/);
      assert.match(message, /\(in OpenSSL's words\)/);
    });
  }
  it("as a sentence with the way out", () => {
    assert.equal(
      engineFault("tcp://h:2376", "SELF_SIGNED_CERT_IN_CHAIN", "in OpenSSL's words"),
      "jupyterhub:docker.tls.ca: expected the authority that signed the certificate of tcp://h:2376, got another one (in " +
        "OpenSSL's words). Name the PEM file of the engine's tlscacert there.",
    );
  });
  it("nothing where they are not the matter", () => {
    assert.equal(engineFault("tcp://h:2376", "ECONNREFUSED", "x"), undefined);
  });
});

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
