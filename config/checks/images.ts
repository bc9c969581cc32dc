/** Images: what they are built from is there, and their tags stand for one image. */
import { join } from "node:path";
import { type Path, describeValue, formatKey } from "../errors";
import type { ParseContext } from "../parse";
import { readText, show, type CheckResult, type Values } from "./check";

export function checkNotebookImage({ notebook }: Values, context: ParseContext): Partial<CheckResult> {
  if (notebook?.image.kind !== "build") return {};
  const path = ["notebook", "image", "context"];
  const result = readText(path, join(notebook.image.context, "Dockerfile"), context);
  return typeof result === "string" ? {} : { errors: [result] };
}

export function checkImageTags({ notebook, proxy }: Values, context: ParseContext): Partial<CheckResult> {
  const images: [Path, string | undefined][] = [
    [["notebook", "image", "name"], notebook?.image.kind === "pull" ? notebook.image.name : undefined],
    [["proxy", "image"], proxy?.image],
  ];
  const warnings = images.flatMap(([path, image]) => {
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
