import assert from "node:assert/strict";

import { HubImage } from "../../components/hub-image";
import { NotebookImage, type NotebookImageSource } from "../../components/notebook-image";
import { isKnown, run, urnName, value } from "./harness";

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

describe("NotebookImage", () => {
  const make = (source: NotebookImageSource) =>
    run(() => new NotebookImage("notebook-image", { prefix: "jupyterhub-test", platform, source }));

  it("builds a folder with its build arguments", async () => {
    const { registrations, inputs, result } = await make({
      kind: "build",
      context: "./ours",
      args: { EXTRA: "pandas" },
    });
    assert.equal(registrations.filter((one) => one.custom).length, 1);
    assert.deepEqual(inputs("notebook-image-build"), {
      imageName: "jupyterhub-test-notebook:current",
      build: { context: "./ours", platform, args: { EXTRA: "pandas" } },
      buildOnPreview: false,
      skipPush: true,
    });
    assert.equal(await value(result.imageId), "sha256:built-notebook-image-build");
  });

  it("pulls an image and leaves it on the host", async () => {
    const { registrations, inputs, result } = await make({ kind: "pull", name: "example.org/nb:1" });
    assert.equal(registrations.filter((one) => one.custom).length, 1);
    assert.deepEqual(inputs("notebook-image-pull"), {
      name: "example.org/nb:1",
      platform,
      keepLocally: true,
    });
    assert.equal(await value(result.imageId), "sha256:pulled-notebook-image-pull");
  });
});
