import assert from "node:assert/strict";

import { SwarmImages } from "../../../../components/swarm/images";
import { run } from "../harness";
import { prefix } from "./support";

describe("SwarmImages", () => {
  it("pushes all to the registry, with its login", async () => {
    const { ofType } = await run(
      () =>
        new SwarmImages("images", {
          prefix,
          registry: { address: "registry:5000/folder", user: "me", password: "hidden" },
          proxy: "traefik:v3",
          notebooks: {
            source: { kind: "build", context: "./images/notebook" },
            profiles: [
              { slug: "small" },
              { slug: "large", image: { kind: "pull", name: "quay.io/jupyter/base-notebook:1" } },
            ],
            overrides: {},
          },
          platform: "linux/amd64",
          docker: {},
        }),
    );
    // The order of registrations is not given.
    const roles = ["hub", "proxy", "redis", "firewall", "notebook", "notebook-large"];
    const images = roles.map((role) => {
      const found = ofType("docker:index/image:Image").find(({ name }) => name === `images-${role}`);
      assert.ok(found, role);
      return found.inputs;
    });
    assert.deepEqual(
      images.map(({ imageName }) => imageName),
      roles.map((role) => `registry:5000/folder/${prefix}-${role}:current`),
    );
    for (const { registry, skipPush } of images) {
      assert.deepEqual(registry, { server: "registry:5000", username: "me", password: { secret: "hidden" } });
      assert.notEqual(skipPush, true);
    }
    const { args } = images[5]?.["build"] as { args: Record<string, string> };
    assert.equal(args["IMAGE"], `${prefix}-notebook-large:current`);
    assert.match(args["IMAGE_ID"] ?? "", /^sha256:/);
    // A profile without an image of its own has that of servers without a profile.
    assert.equal(
      ofType("docker:index/image:Image").filter(({ name }) => name === "images-notebook-small").length,
      0,
    );
  });
});
