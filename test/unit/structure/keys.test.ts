/** Messages name keys with config/keys.ts, so that their form and the commands with them are decided in one place. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

import { sources } from "./graph";

const ROOT = join(__dirname, "../../..");

/** Texts with a key of the configuration written out; type tokens (`jupyterhub:hub:Hub`) are none. */
function writtenKeys(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      found.push(...(node.text.match(/jupyterhub:(?![a-z]+:[A-Z])([a-z][\w.]*|$)/g) ?? []));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true));
  return found;
}

describe("keys in messages", () => {
  it("are written by config/keys.ts", () => {
    const files = sources(ROOT).filter((file) =>
      /^(cli|components|preflight|setup|stacks|tasks)\//.test(file),
    );
    assert.ok(files.length > 150, `${files.length} files: too few to be true`);
    const found = files.flatMap((file) =>
      writtenKeys(readFileSync(join(ROOT, file), "utf8")).map((key) => `${file}: ${key}`),
    );
    assert.deepEqual(found, []);
  });

  it("that are written out are found, in any kind of text", () => {
    const text = 'super("jupyterhub:hub:Hub"); a("see jupyterhub:docker.host"); b(`jupyterhub:${key}: no`);';
    assert.deepEqual(writtenKeys(text), ["jupyterhub:docker.host", "jupyterhub:"]);
  });
});
