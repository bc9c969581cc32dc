/** Images: what they are made from is there, and their names stand for one image. */
import { join } from "node:path";
import { type Path, describeValue, formatKey, removeCommand, setCommand } from "../errors";
import type { ParseContext } from "../context";
import { COMMIT } from "../schema/image";
import type { NotebookImageConfig } from "../types";
import { readText, show, type CheckResult, type Values } from "./check";

type Image = NotebookImageConfig;
type Kind = Image["kind"];
type SourceCheck<K extends Kind> = (
  path: Path,
  image: Extract<Image, { kind: K }>,
  context: ParseContext,
) => Partial<CheckResult>;

/** The images of the notebook servers, each with the place of its key. */
function images({ notebook }: Values): [Path, Image][] {
  if (!notebook) return [];
  const ofProfiles = notebook.profiles.flatMap(({ image }, index): [Path, Image][] =>
    image ? [[["notebook", "profiles", index, "image"], image]] : [],
  );
  return [[["notebook", "image"], notebook.image], ...ofProfiles];
}

const sourceChecks: { readonly [K in Kind]: SourceCheck<K> } = {
  pull: () => ({}),

  build: (path, { context: folder }, context) => {
    const result = readText([...path, "context"], join(folder, "Dockerfile"), context);
    return typeof result === "string" ? {} : { errors: [result] };
  },

  packages: (path, { base, apt, pip, conda }, { project }) => {
    if (apt.length + pip.length + conda.length === 0) {
      const error = {
        key: formatKey(project, path),
        expected: "at least one package in apt, pip or conda",
        got: "none",
        fix: `Set it with: ${setCommand(project, [...path, "pip", 0], "pandas")}`,
      };
      return { errors: [error] };
    }
    const hub = pip.findIndex((requirement) =>
      /^jupyterhub(?![A-Za-z0-9._-]*[A-Za-z0-9])/i.test(requirement),
    );
    const errors = [];
    if (hub !== -1) {
      errors.push({
        key: formatKey(project, [...path, "pip", hub]),
        expected: "packages other than jupyterhub, whose version has to be the hub's",
        got: describeValue(pip[hub]),
        fix: `Remove it with: ${removeCommand(project, [...path, "pip", hub])}`,
      });
    }
    if (conda.length > 0 && base === undefined) {
      errors.push({
        key: formatKey(project, [...path, "base"]),
        expected: "an image with conda or mamba, since there are conda packages",
        got: "nothing, and the project's own image has neither",
        fix: `Set it with: ${setCommand(project, [...path, "base"], "quay.io/jupyter/base-notebook:2026-10-05")}`,
      });
    }
    return { errors };
  },

  git: (path, { ref }, { project }) => {
    if (COMMIT.test(ref)) return {};
    const warning =
      `${formatKey(project, [...path, "ref"])}: ${describeValue(ref)} is no commit: what it stands for is looked up once ` +
      "and may differ for another stack. Name the 40 digits of a commit to say exactly what runs.";
    return { warnings: [warning] };
  },
};

export function checkNotebookImages(values: Values, context: ParseContext): Partial<CheckResult> {
  const results = images(values).map(([path, image]) =>
    (sourceChecks[image.kind] as SourceCheck<Kind>)(path, image, context),
  );
  return {
    errors: results.flatMap(({ errors = [] }) => errors),
    warnings: results.flatMap(({ warnings = [] }) => warnings),
  };
}

export function checkImageTags(values: Values, context: ParseContext): Partial<CheckResult> {
  const named = images(values).map(([path, image]): [Path, string | undefined] => {
    if (image.kind === "pull") return [[...path, "name"], image.name];
    return [[...path, "base"], "base" in image ? image.base : undefined];
  });
  const all: [Path, string | undefined][] = [...named, [["proxy", "image"], values.proxy?.image]];
  const warnings = all.flatMap(([path, image]) => {
    if (image === undefined || image.includes("@")) return [];
    const tag = /:([^/:]+)$/.exec(image)?.[1];
    if (tag !== undefined && tag !== "latest") return [];
    const got = show(context, String(path[0]), describeValue(image));
    return [
      `${formatKey(context.project, path)}: ${got} has ${tag === undefined ? "no tag" : "the tag latest"}: what runs ` +
        "then depends on when it was pulled, differs from host to host and cannot be rolled back. Name a version or " +
        "a digest (@sha256:…).",
    ];
  });
  return { warnings };
}
