import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { NotebookServers } from "../../components/notebook-servers";
import { run } from "./harness";

describe("NotebookServers", () => {
  const make = (host: string | undefined) =>
    run(
      () =>
        new NotebookServers("servers", { prefix: "jupyterhub-test", host, network: pulumi.output("net-id") }),
    );

  it("does nothing when the stack comes up and removes the servers when it goes", async () => {
    const { inputs, find } = await make(undefined);
    assert.deepEqual(inputs("servers-removal"), {
      create: "true",
      delete: "node --require ./setup/register.cjs components/spawner/remove-servers.ts",
      environment: { STACK_PREFIX: "jupyterhub-test" },
      triggers: ["net-id"],
    });
    assert.equal(find("servers-removal").options.deleteBeforeReplace, true);
  });

  it("goes to the configured Docker host", async () => {
    const { inputs } = await make("ssh://admin@hub.example.org");
    assert.deepEqual(inputs("servers-removal")["environment"], {
      DOCKER_HOST: "ssh://admin@hub.example.org",
      STACK_PREFIX: "jupyterhub-test",
    });
  });
});
