import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { SelfCheck } from "../../../../components/network/self-check";
import { run } from "../harness";

const prefix = "jupyterhub-test";

describe("SelfCheck", () => {
  it("runs again when one of its triggers changes, and prints what is wrong only", async () => {
    const { inputs } = await run(
      () =>
        new SelfCheck("self-check", {
          prefix,
          docker: { host: "ssh://a@b" },
          triggers: ["one", pulumi.output("two")],
        }),
    );
    assert.deepEqual(inputs("self-check-probes"), {
      create: "node tasks/run.cjs self-check",
      environment: { STACK_PREFIX: prefix, DOCKER_HOST: "ssh://a@b" },
      triggers: ["one", "two"],
      logging: "stderr",
    });
  });
});
