/** YAML as Pulumi reads it. */
import { existsSync, readFileSync } from "node:fs";
import { parseDocument, type ScalarTag } from "yaml";

import { isMap } from "../values/decode";

/** What is wrong with a stack's file, for the person at the keyboard: one fault, where it is, and the way out. */
export class StackFileError extends Error {
  constructor(what: string, ...fix: readonly string[]) {
    super([what, ...fix.map((line) => `  ${line}`)].join("\n"));
    this.name = "StackFileError";
  }
}

// Pulumi's parser takes YAML 1.2 with three things of 1.1.
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0[0-7_]+$/,
  resolve: (text) => Number.parseInt(text.replaceAll("_", ""), 8),
};
const grouped: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?[1-9][0-9]*_[0-9_]*$/,
  resolve: (text) => Number(text.replaceAll("_", "")),
};
const date: ScalarTag = {
  tag: "tag:yaml.org,2002:timestamp",
  default: true,
  test: /^\d{4}-\d\d-\d\d$/,
  resolve: (text) => `${text} 00:00:00 +0000 UTC`,
};

/**
 * The map that a YAML file holds; an empty one for an empty file.
 * @param name of the file, for the message
 * @throws StackFileError naming the line
 */
export function parseYaml(text: string, name: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text, {
    merge: true,
    customTags: (tags) => [octal, grouped, date, ...tags],
  });
  // Of several documents Pulumi reads the first.
  const fault = document.errors.find(({ code }) => code !== "MULTIPLE_DOCS");
  if (fault !== undefined) {
    const line = fault.linePos?.[0].line;
    const reason = (fault.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
    throw new StackFileError(
      `${name}${line === undefined ? "" : `, line ${line}`}: expected YAML, but: ${reason}.`,
    );
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    // An alias without its anchor, or aliases that unfold without an end.
    throw new StackFileError(
      `${name}: expected YAML, but: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  if (content === null || content === undefined) {
    return {};
  }
  if (!isMap(content)) {
    throw new StackFileError(`${name}: expected a map at its top (config: …), got a ${kindOf(content)}.`);
  }
  return content;
}

/** @throws StackFileError where there is no such file, or it cannot be read */
export function readText(file: string, name: string): string {
  if (!existsSync(file)) {
    throw new StackFileError(`${name}: expected a file, but there is none at ${file}.`);
  }
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StackFileError(
      `${name}: expected a file that can be read, but ${file} cannot be (${code ?? "no reason"}).`,
    );
  }
}

export const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "list" : isMap(value) ? "map" : typeof value === "string" ? "text" : typeof value;
