/** Where a notebook image comes from: one schema for `notebook.image` and for the image of each profile. */
import { z } from "zod";

import { IMAGE_NAME, key, type KeyDoc, NEXT_START, oneKind, textMap } from "./key";

/** Debian's names, with a version if wanted. apt takes a `-` at the end for "remove". */
export const APT_PACKAGE = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+](=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?$/;
/** A requirement without blanks, markers or addresses: `name[extra]==1.2,<2`. */
export const PIP_REQUIREMENT =
  /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*\])?((===?|~=|!=|<=?|>=?)[A-Za-z0-9.*+!_-]+(,(===?|~=|!=|<=?|>=?)[A-Za-z0-9.*+!_-]+)*)?$/;
/** `[channel::]name[=version]`. */
export const CONDA_PACKAGE =
  /^([A-Za-z0-9][A-Za-z0-9._/-]*::)?[A-Za-z0-9_][A-Za-z0-9._-]*((==?|~=|!=|<=?|>=?)[A-Za-z0-9.*+!_-]+)?$/;
/** What Git clones from; a login in it is refused by the checks. */
export const GIT_REPOSITORY =
  /^((https?|ssh|git):\/\/[^\s/]+\/\S+|file:\/\/\/\S+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:\S+)$/;
/** A branch, a tag or a commit. */
export const GIT_REF = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]*$/;
export const COMMIT = /^[0-9a-f]{40}$/;

const CHANGE = NEXT_START;

function list(pattern: RegExp, doc: KeyDoc & { readonly item: string }) {
  const { item, ...rest } = doc;
  const example = (doc.example as string[])[0];
  const entry = key(z.string().regex(pattern), { description: item, expected: item, example });
  return key(z.array(entry).default([]), { ...rest, change: CHANGE });
}

const base = () =>
  key(z.string().regex(IMAGE_NAME).optional(), {
    description: "Base image: one with `jupyterhub-singleuser` and Debian's apt.",
    expected: "an image name such as quay.io/jupyter/base-notebook:2026-10-05, with a tag or digest",
    example: "quay.io/jupyter/base-notebook:2026-10-05",
    otherwise: "the project's own image, `./images/notebook`",
    change: CHANGE,
  });

const args = () =>
  textMap({
    description:
      "Build arguments (`ARG` in the Dockerfile). They stay readable in the image: no secrets, and no address with a login.",
    expected: "build arguments as NAME: value (names of letters, digits and _)",
    example: { PIP_INDEX_URL: "https://packages.example.org/simple" },
    change: CHANGE,
  });

const build = () =>
  z.strictObject({
    kind: z.literal("build"),
    context: key(z.string().min(1).default("./images/notebook"), {
      description: "Folder with the `Dockerfile`. Relative to the folder of `Pulumi.yaml`.",
      expected: "the path of a folder with a Dockerfile",
      example: "./images/notebook",
      change: CHANGE,
    }),
    args: args(),
  });

const pull = () =>
  z.strictObject({
    kind: z.literal("pull"),
    name: key(z.string().regex(IMAGE_NAME), {
      description:
        "Image to pull, best with a digest: a tag such as `latest` can become another image. It needs " +
        "`jupyterhub-singleuser` of the hub's JupyterHub version.",
      expected: "an image name such as quay.io/jupyter/base-notebook:2026-10-05, with a tag or digest",
      example: "quay.io/jupyter/base-notebook:2026-10-05",
      change: CHANGE,
    }),
  });

const packages = () =>
  z.strictObject({
    kind: z.literal("packages"),
    base: base(),
    apt: list(APT_PACKAGE, {
      description: "Debian packages, by name or as `name=version`.",
      expected: "a list of Debian packages",
      item: "a Debian package, such as r-base or r-base=4.5.0-3",
      example: ["r-base", "r-cran-irkernel"],
    }),
    pip: list(PIP_REQUIREMENT, {
      description: "Python packages, best with a version. `jupyterhub` stays at the hub's version.",
      expected: "a list of Python packages",
      item: "a Python package, such as pandas, pandas==2.3.3 or dask[complete]>=2026.1",
      example: ["pandas==2.3.3", "matplotlib"],
    }),
    conda: list(CONDA_PACKAGE, {
      description: "Conda packages, for a `base` that has conda or mamba, as Jupyter's own images have.",
      expected: "a list of conda packages",
      item: "a conda package, such as r-irkernel, r-irkernel=1.3 or conda-forge::r-irkernel",
      example: ["conda-forge::r-irkernel"],
    }),
    args: args(),
  });

const git = () =>
  z.strictObject({
    kind: z.literal("git"),
    repository: key(z.string().regex(GIT_REPOSITORY), {
      description:
        "Git repository with `requirements.txt`, `apt.txt` and `postBuild` (each is optional), or with a `Dockerfile` of " +
        "its own. It is fetched on the machine that runs Pulumi, with that machine's Git credentials. An address with a " +
        "user, password or token in it is refused.",
      expected: "the address of a Git repository: https://…, ssh://…, user@host:path or file:///…",
      example: "https://github.com/example/course",
      change: CHANGE,
    }),
    ref: key(z.string().regex(GIT_REF).default("HEAD"), {
      description:
        "Commit (40 digits), tag or branch. A tag or branch is resolved once, when `repository` or " +
        "`ref` changes. Name a commit to state exactly what runs.",
      expected: "a commit, a tag or a branch",
      example: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      change: CHANGE,
    }),
    base: base(),
    args: args(),
  });

/** An image of any source; a map whose `kind` says which. */
export function imageSource(doc: Omit<KeyDoc, "expected" | "example">) {
  return oneKind([build(), pull(), packages(), git()], {
    ...doc,
    example: { kind: "pull", name: "quay.io/jupyter/base-notebook:2026-10-05" },
  });
}
