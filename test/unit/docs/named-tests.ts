/** Tests that pages of docs/ name. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..", "..");
export const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Whether a file has a test with this title: of mocha, or a function of pytest. */
function hasTest(file: string, title: string): boolean {
  const text = read(file);
  if (file.endsWith(".py")) {
    return new RegExp(`\\n(async )?def ${title}\\(`).test(text);
  }
  return ['"', "'", "`"].some((quote) => text.includes(`it(${quote}${title}${quote},`));
}

/** Fails unless every test is there. */
export function assertTests(tests: readonly (readonly [file: string, title: string])[]): void {
  for (const [file, title] of tests) {
    assert.ok(existsSync(join(ROOT, file)), `no file ${file}`);
    assert.ok(hasTest(file, title), `${file} has no test "${title}"`);
  }
}

/**
 * Fails unless every test that a page names, as `[file](../test/…/file): title`, is there.
 *
 * @param atLeast how many it has to name: a page whose form has changed would name none
 */
export function assertNamedTests(page: string, atLeast: number): void {
  const named = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\): (.*?)(?=<br>| +\|)/g)];
  assert.ok(named.length >= atLeast, `${named.length} tests`);
  for (const [, name = "", file = ""] of named) {
    assert.ok(file.endsWith(`/${name}`), `${name} leads to ${file}`);
  }
  assertTests(named.map(([, , file = "", title = ""]) => [file, title]));
}
