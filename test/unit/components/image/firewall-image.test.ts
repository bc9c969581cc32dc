import assert from "node:assert/strict";

import { FirewallImage } from "../../../../components/image/firewall-image";
import { run } from "../harness";

const prefix = "jupyterhub-test";

describe("FirewallImage", () => {
  it("is built for the host's platform, and found with all else of its stack", async () => {
    const { inputs } = await run(
      () => new FirewallImage("firewall-image", { prefix, platform: "linux/arm64" }),
    );
    assert.deepEqual(inputs("firewall-image-build"), {
      imageName: "jupyterhub-test-firewall:current",
      build: { context: "./images/firewall", platform: "linux/arm64", args: { STACK: prefix } },
      buildOnPreview: false,
      skipPush: true,
    });
  });
});
