import assert from "node:assert/strict";
import type Docker from "dockerode";

import { removeOldImages } from "../../../../tasks/swarm/old-images";

describe("old images of a node", () => {
  const Labels = { "org.jupyterhub.stack": "jh", "org.jupyterhub.role": "notebook-image" };

  it("go, but for those that are offered, run, were built there, or are another stack's", async () => {
    const images = [
      { RepoDigests: ["r/jh-notebook@sha256:new"], RepoTags: [], Labels },
      { RepoDigests: ["r/jh-notebook@sha256:old"], RepoTags: null, Labels },
      { RepoDigests: ["r/jh-notebook@sha256:runs"], RepoTags: [], Labels },
      { RepoDigests: [], RepoTags: ["jh-notebook:current"], Labels },
      { RepoDigests: ["r/jh-hub@sha256:new"], RepoTags: ["r/jh-hub:current"], Labels: null },
      { RepoDigests: ["r/jh-hub@sha256:old"], RepoTags: [], Labels: null },
      { RepoDigests: ["r/jh-redis@sha256:old"], RepoTags: [], Labels: {} },
      { RepoDigests: ["r/jh-hub-two-redis@sha256:old"], RepoTags: [], Labels: {} },
      { RepoDigests: ["other/jh-hub@sha256:old"], RepoTags: [], Labels: {} },
      {
        RepoDigests: ["r/notebook@sha256:1"],
        RepoTags: [],
        Labels: { ...Labels, "org.jupyterhub.stack": "x" },
      },
    ];
    const asked: string[] = [];
    const docker = {
      listImages: () => Promise.resolve(images),
      getImage: (name: string) => ({
        remove: () => {
          asked.push(name);
          return name.endsWith("runs") ? Promise.reject(new Error("in use")) : Promise.resolve();
        },
      }),
    } as unknown as Docker;
    const keep = ["r/jh-notebook@sha256:new", "r/jh-hub@sha256:new"];
    assert.deepEqual(await removeOldImages(docker, { prefix: "jh", registry: "r", keep }), {
      removed: 3,
      used: 1,
    });
    assert.deepEqual(asked, [
      "r/jh-notebook@sha256:old",
      "r/jh-notebook@sha256:runs",
      "r/jh-hub@sha256:old",
      "r/jh-redis@sha256:old",
    ]);
  });
});
