import assert from "node:assert/strict";

import { HubImage } from "../../../../components/image/hub-image";
import { isKnown, run, urnName, value } from "../harness";

const platform = "linux/arm64";

describe("HubImage", () => {
  it("builds images/hub for the engine's platform and pushes nothing", async () => {
    const { find, result } = await run(
      () => new HubImage("hub-image", { prefix: "jupyterhub-test", platform }),
    );
    assert.deepEqual(find("hub-image-build").inputs, {
      imageName: "jupyterhub-test-hub:current",
      build: { context: "./images/hub", platform, args: { EXTRA_PACKAGES: "", STACK: "jupyterhub-test" } },
      buildOnPreview: false,
      skipPush: true,
    });
    assert.equal(urnName(find("hub-image-build").parent), "hub-image");
    assert.equal(await value(result.imageId), "sha256:built-hub-image-build");
  });

  it("has an unknown id at preview", async () => {
    const { result } = await run(() => new HubImage("hub-image", { prefix: "jupyterhub-test", platform }), {
      preview: true,
    });
    assert.equal(await isKnown(result.imageId), false);
  });
});
