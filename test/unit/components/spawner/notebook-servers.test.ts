import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { NotebookServers } from "../../../../components/spawner/notebook-servers";
import type { DockerAddress } from "../../../../docker-api/environment";
import { run } from "../harness";

describe("NotebookServers", () => {
  const make = (address: DockerAddress) =>
    run(
      () =>
        new NotebookServers("servers", {
          prefix: "jupyterhub-test",
          ...address,
          network: pulumi.output("net-id"),
        }),
    );

  it("does nothing when the stack comes up and removes the servers when it goes", async () => {
    const { inputs, find } = await make({});
    assert.deepEqual(inputs("servers-removal"), {
      create: "true",
      delete: "node tasks/run.cjs remove-servers",
      environment: { STACK_PREFIX: "jupyterhub-test" },
      triggers: ["net-id"],
    });
    assert.equal(find("servers-removal").options.deleteBeforeReplace, true);
  });

  it("goes to the configured Docker host", async () => {
    const { inputs } = await make({ host: "ssh://admin@hub.example.org" });
    assert.deepEqual(inputs("servers-removal")["environment"], {
      DOCKER_HOST: "ssh://admin@hub.example.org",
      STACK_PREFIX: "jupyterhub-test",
    });
  });

  it("finds the certificates for it by their paths, and has nothing of what is in them", async () => {
    const tls = { ca: "ca.pem", certificate: "cert.pem", key: "key.pem", keyPem: "KEY" };
    const { inputs } = await make({ host: "tcp://hub.example.org:2376", tls });
    assert.deepEqual(inputs("servers-removal")["environment"], {
      DOCKER_HOST: "tcp://hub.example.org:2376",
      TLS_CA: "ca.pem",
      TLS_CERTIFICATE: "cert.pem",
      TLS_KEY: "key.pem",
      STACK_PREFIX: "jupyterhub-test",
    });
  });
});
