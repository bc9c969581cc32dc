import assert from "node:assert/strict";

import type { ParseContext } from "../../../config/context";
import { formatError } from "../../../config/errors";
import { parseConfig, type ParseResult } from "../../../config/parse";
import type { HubConfig } from "../../../config/types";

/** The least that an administrator has to write. */
export const MINIMAL = { domain: "hub.example.org", auth: { kind: "shared-password", users: ["alice"] } };

type Files = Readonly<Record<string, string | NodeJS.ErrnoException>>;

/** A context whose files are those given, and the Dockerfile of the default notebook image. */
export function contextWith(files: Files = {}, overrides: Partial<ParseContext> = {}): ParseContext {
  const read = (path: string): string => {
    const content = all[path] ?? fault("ENOENT");
    if (typeof content !== "string") {
      throw content;
    }
    return content;
  };
  const all: Files = { "images/notebook/Dockerfile": "FROM debian:trixie-slim\n", ...files };
  return {
    project: "jupyterhub",
    stack: "dev",
    now: new Date("2026-11-21T12:00:00Z"),
    readFile: read,
    readBytes: (path) => Buffer.from(read(path)),
    listFolder: (folder) => {
      const names = Object.keys(all).filter((path) => path.startsWith(`${folder}/`));
      if (names.length === 0) {
        throw fault("ENOENT");
      }
      return names.map((path) => path.slice(folder.length + 1)).sort();
    },
    ...overrides,
  };
}

/** An error as Node's file functions throw it. */
export function fault(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: text of the system`), { code });
}

export function configOf(result: ParseResult): HubConfig<string> {
  assert.ok("config" in result, "errors" in result ? result.errors.map(formatError).join("\n") : "");
  return result.config;
}

export function messagesOf(result: ParseResult): string[] {
  const messages = "errors" in result ? result.errors.map(formatError) : [];
  for (const message of messages) {
    assert.doesNotMatch(message, /with: *$/, "a fix without a command");
  }
  return messages;
}

export function warningsOf(result: ParseResult): readonly string[] {
  configOf(result);
  return "warnings" in result ? result.warnings : [];
}

/** Messages for the minimal configuration with some values changed. */
export function messagesWith(values: Readonly<Record<string, unknown>>, context = contextWith()): string[] {
  return messagesOf(parseConfig({ ...MINIMAL, ...values }, context));
}
