import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";

import { engineFault } from "../../../config/engine-fault";
import { reasonOf } from "../../../docker-api/refusal";

describe("why an engine ended a TLS connection", () => {
  const folder = mkdtempSync(join(tmpdir(), "refusal-"));
  const gone = { code: "ECONNRESET", message: "socket hang up" };
  let tls: { ca: string; cert: string; key: string };
  const servers: Server[] = [];

  before(() => {
    const file = (name: string) => join(folder, name);
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
        ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        ...["-keyout", file("key.pem"), "-out", file("cert.pem")],
      ],
      { stdio: "ignore" },
    );
    const cert = readFileSync(file("cert.pem"), "utf8");
    tls = { ca: cert, cert, key: readFileSync(file("key.pem"), "utf8") };
  });
  after(() => {
    for (const server of servers) {
      server.close();
    }
    rmSync(folder, { recursive: true });
  });

  async function listening(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `tcp://localhost:${(server.address() as AddressInfo).port}`;
  }

  it("the client's certificate, where the engine closes on seeing it", async () => {
    const server = createServer({ cert: tls.cert, key: tls.key, ca: "", requestCert: true });
    const host = await listening(server);
    const reason = await reasonOf(gone, { host, tls });
    assert.match(
      engineFault(host, reason.code, reason.message) ?? "",
      /^jupyterhub:docker\.tls\.certificate: /,
    );
  });

  it("is not known where the engine takes the certificate", async () => {
    const server = createServer({ cert: tls.cert, key: tls.key, ca: tls.ca, requestCert: true });
    assert.deepEqual(await reasonOf(gone, { host: await listening(server), tls }, 200), gone);
  });

  it("is what was said, where there is no TLS or nobody listens", async () => {
    const server = createTcpServer((socket) => socket.destroy());
    const host = await listening(server);
    assert.deepEqual(await reasonOf(gone, { host, tls }), gone);
    assert.deepEqual(await reasonOf(gone, { host }), gone);
    const refused = { code: "ECONNREFUSED", message: "connect ECONNREFUSED" };
    assert.deepEqual(await reasonOf(refused, { host, tls }), refused);
  });
});
