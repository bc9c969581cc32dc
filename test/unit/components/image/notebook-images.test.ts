import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";

import {
  NotebookImages,
  type NotebookImagesArgs,
  OldNotebookImages,
} from "../../../../components/image/notebook-images";
import { isKnown, type Run, run, urnName, value } from "../harness";

const platform = "linux/arm64";
const NODE = "node tasks/run.cjs";

function make(args: Partial<NotebookImagesArgs>, preview = false): Promise<Run<NotebookImages>> {
  return run(
    () =>
      new NotebookImages("notebook-images", {
        prefix: "jh",
        platform,
        docker: {},
        hubImage: "sha256:hub",
        overrides: {},
        source: { kind: "build", context: "./images/notebook", args: {} },
        profiles: [],
        ...args,
      }),
    { preview },
  );
}

/** Resources with work to do, by name. */
const names = ({ registrations }: Run<unknown>): string[] =>
  registrations
    .filter(({ custom }) => custom)
    .map(({ name }) => name)
    .sort();

const built = (imageName: string, build: object) => ({
  imageName,
  build: { platform, ...build },
  buildOnPreview: false,
  skipPush: true,
});

describe("NotebookImages", () => {
  it("builds a folder, adds the layer with labels and settings, and compares versions", async () => {
    const made = await make({
      source: { kind: "build", context: "./ours", args: { EXTRA: "pandas" } },
      overrides: { "a:b": { theme: 'it\'s "dark"' } },
      docker: { host: "ssh://docker.example.org" },
    });
    assert.deepEqual(names(made), [
      "notebook-image-build",
      "notebook-image-settings",
      "notebook-image-version",
      "notebook-images-removal",
    ]);
    assert.deepEqual(
      made.inputs("notebook-image-build"),
      built("jh-notebook:source", { context: "./ours", args: { EXTRA: "pandas" } }),
    );
    assert.deepEqual(
      made.inputs("notebook-image-settings"),
      built("jh-notebook:current", {
        context: "./images/notebook-settings",
        args: {
          BASE: "jh-notebook:source",
          BASE_ID: "sha256:built-notebook-image-build",
          STACK: "jh",
          OVERRIDES: '{"a:b":{"theme":"it\'s \\"dark\\""}}',
        },
      }),
    );
    const ids = ["sha256:built-notebook-image-settings", "sha256:hub"];
    assert.deepEqual(made.inputs("notebook-image-version"), {
      create: `${NODE} check-versions`,
      environment: {
        STACK_PREFIX: "jh",
        KEY: "jupyterhub:notebook.image",
        IMAGE: ids[0],
        HUB_IMAGE: ids[1],
        DOCKER_HOST: "ssh://docker.example.org",
      },
      triggers: ids,
    });
    assert.equal(urnName(made.find("notebook-image-version").parent), "notebook-image");
    assert.equal(urnName(made.find("notebook-image").parent), "notebook-images");
    assert.equal(await value(made.result.imageId), ids[0]);
  });

  it("has unknown ids at preview, since no version was compared", async () => {
    const { result } = await make({}, true);
    assert.equal(await isKnown(result.imageId), false);
  });

  it("pulls an image once for all that use it, and notes whether it was there before", async () => {
    const name = "quay.io/nb:1";
    const made = await make({
      source: { kind: "pull", name },
      profiles: [
        { slug: "same", image: { kind: "pull", name } },
        { slug: "more", image: { kind: "packages", base: name, apt: [], pip: ["a"], conda: ["b"] } },
        { slug: "none" },
      ],
    });
    assert.deepEqual(names(made), [
      "notebook-image-more-packages",
      "notebook-image-more-settings",
      "notebook-image-more-version",
      "notebook-image-settings",
      "notebook-image-version",
      "notebook-images-pull-quay.io-nb-1",
      "notebook-images-pull-quay.io-nb-1-ownership",
      "notebook-images-removal",
    ]);
    const pull = made.find("notebook-images-pull-quay.io-nb-1");
    assert.deepEqual(pull.inputs, { name, platform, keepLocally: true });
    assert.deepEqual(pull.options.dependencies.map(urnName), ["notebook-images-pull-quay.io-nb-1-ownership"]);
    assert.deepEqual(made.inputs("notebook-images-pull-quay.io-nb-1-ownership"), {
      create: `${NODE} pulled-image look`,
      delete: `${NODE} pulled-image remove`,
      environment: { IMAGE: name },
      triggers: [name],
    });
    const ids = await value(made.result.ofProfiles);
    assert.deepEqual(ids, {
      same: "sha256:built-notebook-image-settings",
      more: "sha256:built-notebook-image-more-settings",
      none: "sha256:built-notebook-image-settings",
    });
    assert.deepEqual(await Promise.all(made.result.all.map(value)), [ids["same"], ids["more"]]);
  });

  it("gives lists of packages as build arguments of a committed Dockerfile, on the project's own image", async () => {
    const made = await make({
      profiles: [
        { slug: "r", image: { kind: "packages", apt: ["r-base", "jq=1.7"], pip: [], conda: [] } },
        { slug: "py", image: { kind: "packages", apt: [], pip: ["pandas==2.3.3"], conda: [] } },
      ],
    });
    assert.deepEqual(
      made.inputs("notebook-images-default"),
      built("jh-notebook:default", { context: "./images/notebook" }),
    );
    assert.deepEqual(
      made.inputs("notebook-image-r-packages"),
      built("jh-notebook-r:source", {
        context: "./images/notebook-packages",
        args: {
          BASE: "jh-notebook:default",
          BASE_ID: "sha256:built-notebook-images-default",
          APT: "r-base jq=1.7",
          PIP: "",
          CONDA: "",
        },
      }),
    );
    assert.equal(
      (made.inputs("notebook-image-py-packages")["build"] as { args: { PIP: string } }).args.PIP,
      "pandas==2.3.3",
    );
  });

  it("gives build arguments to the image and to the one below, made once for the same arguments", async () => {
    const args = { PIP_INDEX_URL: "https://packages.example.org/simple" };
    const list = { kind: "packages", apt: [], pip: [], conda: [], args } as const;
    const made = await make({
      profiles: [
        { slug: "a", image: { ...list, pip: ["pandas"] } },
        { slug: "b", image: { ...list, pip: ["polars"] } },
      ],
    });
    const below = made.registrations.filter(({ name }) => name.startsWith("notebook-images-default"));
    assert.equal(below.length, 1);
    assert.match(below[0]?.name ?? "", /^notebook-images-default-[0-9a-f]{8}$/);
    for (const inputs of [below[0]?.inputs, made.inputs("notebook-image-a-packages")]) {
      const { build } = inputs as { build: { args: Record<string, string> } };
      assert.equal(build.args["PIP_INDEX_URL"], args.PIP_INDEX_URL);
    }
  });

  describe("of a Git repository", () => {
    // What `resolve-ref.ts` would print comes from the mocks.
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const folder = `.state/git/${commit}`;
    const source = { kind: "git", repository: "file:///nowhere.git", ref: "main" } as const;
    const inRun = (preview = false) => make({ source }, preview);

    afterEach(() => rm(folder, { recursive: true, force: true }));

    it("builds the commit that the ref stands for, which is in the state", async () => {
      await mkdir(folder, { recursive: true });
      const made = await inRun();
      assert.deepEqual(made.inputs("notebook-image-commit"), {
        create: `${NODE} resolve-ref`,
        environment: { REPOSITORY: source.repository, REF: source.ref },
        triggers: [source.repository, source.ref],
      });
      assert.deepEqual(
        made.inputs("notebook-image-git"),
        built("jh-notebook:source", {
          context: folder,
          dockerfile: "./images/notebook-git/Dockerfile",
          args: { BASE: "jh-notebook:default", BASE_ID: "sha256:built-notebook-images-default" },
        }),
      );
    });

    it("fetches nothing at a preview that does not know the commit", async () => {
      const made = await inRun(true);
      assert.ok(made.find("notebook-image-git"));
    });
  });
});

describe("OldNotebookImages", () => {
  it("runs again when another image is offered, and keeps those", async () => {
    const { inputs } = await run(
      () => new OldNotebookImages("old", { prefix: "jh", docker: {}, keep: ["sha256:b", "sha256:a"] }),
    );
    assert.deepEqual(inputs("old-removal"), {
      create: `${NODE} remove-images`,
      environment: { STACK_PREFIX: "jh", KEEP: "sha256:a sha256:b" },
    });
  });
});
