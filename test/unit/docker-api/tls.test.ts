import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { environmentTls } from "../../../docker-api/tls";

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
