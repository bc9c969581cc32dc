/** Whoever makes a component sees what happens without an argument: each that may be left out says so with `@default`. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "..", "..", "..");

/** Optional fields of interfaces called `…Args` that do not say their default, as `Interface.field`. */
function withoutDefault(text: string): string[] {
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) || !statement.name.text.endsWith("Args")) {
      continue;
    }
    for (const member of statement.members) {
      const isSilent = !ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "default");
      if (member.questionToken !== undefined && isSilent) {
        found.push(`${statement.name.text}.${member.name?.getText() ?? ""}`);
      }
    }
  }
  return found;
}

describe("optional arguments of components", () => {
  it("say their default", () => {
    const files = readdirSync(join(ROOT, "components"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => join(entry.parentPath, entry.name));
    assert.ok(files.length > 50);
    const silent = files.flatMap((file) =>
      withoutDefault(readFileSync(file, "utf8")).map((field) => `${relative(ROOT, file)}: ${field}`),
    );
    assert.deepEqual(silent, []);
  });

  it("that say none are found", () => {
    const text = `interface HubArgs {
      /** @default 1 */
      a?: number;
      /** Two. */
      b?: number;
      c: number;
    }`;
    assert.deepEqual(withoutDefault(text), ["HubArgs.b"]);
  });
});
