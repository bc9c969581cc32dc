/** Images: what they are made from is there, and their names stand for one image. */
import { join } from "node:path";

import type { Path } from "../errors";
import { COMMIT } from "../schema/image";
import type { NotebookImageConfig } from "../types";
import { readText } from "./files";
import type { Report, Values } from "./report";
import { own, words } from "./words";

type Image = NotebookImageConfig;
type Kind = Image["kind"];
type SourceCheck<K extends Kind> = (path: Path, image: Extract<Image, { kind: K }>, report: Report) => void;

/** The images of the notebook servers, each with the place of its key. */
function images({ notebook }: Values): [Path, Image][] {
  if (!notebook) {
    return [];
  }
  const ofProfiles = notebook.profiles.flatMap(({ image }, index): [Path, Image][] =>
    image ? [[["notebook", "profiles", index, "image"], image]] : [],
  );
  return [[["notebook", "image"], notebook.image], ...ofProfiles];
}

const sourceChecks: { readonly [K in Kind]: SourceCheck<K> } = {
  pull: () => undefined,

  build: (path, { context }, report) => {
    readText(report, [...path, "context"], join(context, "Dockerfile"));
  },

  packages: (path, { base, apt, pip, conda }, report) => {
    if (apt.length + pip.length + conda.length === 0) {
      report.refuse(path, words`at least one package in apt, pip or conda`, {
        got: words`none`,
        fix: words`Set it with: ${report.set([...path, "pip", 0], "pandas")}`,
      });
      return;
    }
    const hub = pip.findIndex((requirement) =>
      /^jupyterhub(?![A-Za-z0-9._-]*[A-Za-z0-9])/i.test(requirement),
    );
    if (hub !== -1) {
      report.refuse(
        [...path, "pip", hub],
        words`packages other than jupyterhub, whose version has to be the hub's`,
        { remove: true },
      );
    }
    if (conda.length > 0 && base === undefined) {
      report.refuse([...path, "base"], words`an image with conda or mamba, since there are conda packages`, {
        got: words`nothing, and the project's own image has neither`,
        set: "quay.io/jupyter/base-notebook:2026-10-05",
      });
    }
  },

  git: (path, { ref }, report) => {
    if (COMMIT.test(ref)) {
      return;
    }
    const place = [...path, "ref"];
    report.warn(
      words`${report.key(place)}: ${report.value(place)} is not a commit: it is resolved once, and may differ for another stack. Name the 40 digits of a commit to state exactly what runs.`,
    );
  },
};

export function checkNotebookImages(values: Values, report: Report): void {
  for (const [path, image] of images(values)) {
    (sourceChecks[image.kind] as SourceCheck<Kind>)(path, image, report);
  }
}

export function checkImageTags(values: Values, report: Report): void {
  const named = images(values).map(([path, image]): [Path, string | undefined] => {
    if (image.kind === "pull") {
      return [[...path, "name"], image.name];
    }
    return [[...path, "base"], "base" in image ? image.base : undefined];
  });
  const all: [Path, string | undefined][] = [...named, [["proxy", "image"], values.proxy?.image]];
  for (const [path, image] of all) {
    if (image === undefined || image.includes("@")) {
      continue;
    }
    const tag = /:([^/:]+)$/.exec(image)?.[1];
    if (tag !== undefined && tag !== "latest") {
      continue;
    }
    report.warn(
      words`${report.key(path)}: ${report.value(path)} has ${own(tag === undefined ? "no tag" : "the tag latest")}: what runs depends on when it was pulled, differs between hosts and cannot be rolled back. Use a version or a digest (@sha256:…).`,
    );
  }
}
