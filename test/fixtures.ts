/** Files that hold what the program makes: a test compares, and with UPDATE_FIXTURES=1 it writes them anew. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FOLDER = join(__dirname, "fixtures");

/** @param name path below test/fixtures, with the ending `.json` */
export function compareWithFixture(name: string, value: unknown): void {
  const path = join(FOLDER, name);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env["UPDATE_FIXTURES"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const known = readFileSync(path, "utf8");
  // First as values, which shows what differs; then as text, which has the order of keys in it.
  assert.deepEqual(
    value,
    JSON.parse(known),
    `${name}. Where that is meant: UPDATE_FIXTURES=1 npm test -- unit`,
  );
  assert.equal(text, known, `${name}: another order`);
}
