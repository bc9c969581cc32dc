import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { engineAddress } from "../../docker/connection";
import { dockerProvider } from "../../docker/provider";
import { authFor } from "../../docker/registry";
import { providerService } from "../../lib/serve";

describe("the stand-in for the docker plugin: its engine", () => {
  const certificates = { caMaterial: "A", certMaterial: "C", keyMaterial: "K" };

  it("is the configuration's, else the environment's, else this machine's", () => {
    const environment = { DOCKER_HOST: "tcp://there:2376" };
    assert.equal(engineAddress({ host: "ssh://x" }, environment).host, "ssh://x");
    assert.equal(engineAddress({ host: "" }, environment).host, "tcp://there:2376");
    assert.equal(engineAddress({}, {}).host, "unix:///var/run/docker.sock");
  });

  it("is shown the certificates of the configuration, or of DOCKER_CERT_PATH", () => {
    const host = "tcp://there:2376";
    assert.deepEqual(engineAddress({ host, ...certificates }, {}).tls, { ca: "A", cert: "C", key: "K" });
    const folder = mkdtempSync(join(tmpdir(), "certificates-"));
    for (const name of ["ca", "cert", "key"]) {
      writeFileSync(join(folder, `${name}.pem`), name);
    }
    try {
      const environment = { DOCKER_CERT_PATH: folder };
      assert.deepEqual(engineAddress({ host }, environment).tls, { ca: "ca", cert: "cert", key: "key" });
      assert.equal(engineAddress({ host: "unix:///x" }, environment).tls, undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is not asked with half of the certificates, or with settings that are not here", () => {
    assert.throws(() => engineAddress({ ...certificates, keyMaterial: "" }, {}), /must all be specified/);
    assert.throws(() => engineAddress({ sshOpts: "[]", certPath: "/x" }, {}), /settings certPath, sshOpts$/);
  });
});

describe("the stand-in for the docker plugin: credentials of a registry", () => {
  it("are those of the user's Docker configuration", () => {
    const folder = mkdtempSync(join(tmpdir(), "docker-config-"));
    const before = process.env.DOCKER_CONFIG;
    process.env.DOCKER_CONFIG = folder;
    try {
      assert.equal(authFor("registry.example.org"), undefined);
      const auth = Buffer.from("ada:pass:word").toString("base64");
      const auths = { "https://registry.example.org/v2/": { auth } };
      writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));
      assert.deepEqual(authFor("registry.example.org"), {
        username: "ada",
        password: "pass:word",
        serveraddress: "registry.example.org",
      });
      assert.equal(authFor("other.example.org"), undefined);
    } finally {
      if (before === undefined) {
        delete process.env.DOCKER_CONFIG;
      } else {
        process.env.DOCKER_CONFIG = before;
      }
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the stand-in for the docker plugin: what it does not have", () => {
  const service = providerService(dockerProvider());
  const reasons = async (type: string, news: Record<string, never>) =>
    (await service.check({ urn: `urn:pulumi:dev::p::${type}::r`, type, news })).failures?.map(
      ({ property, reason }) => `${property}: ${reason}`,
    );

  it("is refused by name", async () => {
    const cluster = { cluster: { type: "block" } } as never;
    assert.match((await reasons("docker:index/volume:Volume", cluster))?.join() ?? "", /cluster volumes/);
    const build = { name: "x", build: { context: "." } } as never;
    assert.match((await reasons("docker:index/remoteImage:RemoteImage", build))?.join() ?? "", /builds/);
    await assert.rejects(
      reasons("docker:index/tag:Tag", {}),
      /does not have the resource type "docker:index\/tag:Tag"; it has docker:index\/container:Container, /,
    );
  });
});
