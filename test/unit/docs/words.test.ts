/** Phrases that came from another grammar, and words that the field calls otherwise: none of them comes back. */
import assert from "node:assert/strict";
import ts from "typescript";

import { ownFiles, readOwn } from "../../own-files";

const PHRASES: readonly (readonly [phrase: RegExp, better: string])[] = [
  [/\banew\b/, "again, or: recreated"],
  [/\bmend(s|ed|ing)?\b/, "fix"],
  [/\bbeside\b/, "next to, in addition to"],
  [/\b(Traefik's|proxy's|has|API and) figures\b/, "metrics"],
  [/\bis told by\b/, "reports"],
  [/\bis looked (for|at)\b/, "say who looks"],
  [/\bin the place of\b/, "instead of"],
  [/\bsees to that\b/, "prevents, ensures"],
  [/\b(servers?|notebooks?|kernels?) runs? on(?=[.;,])/, "keeps running"],
  [/\bsees? to it\b/, "ensures"],
  [/\bone's own\b/, "your own"],
  [/\b(servers?|notebooks?) (go|goes) on\b/, "keeps running"],
  // "There is no node", and "is no longer", are the field's.
  [/(?<!\b[Tt]here )\bis no (?!longer\b|more than\b)/, "is not a"],
  [/\bbe looked (for|at)\b/, "check, read"],
  [/\bcannot be told\b/, "cannot find out"],
  [/\bputs? (it|them) right\b/, "corrects"],
  [/\bputting (it|them) (right|back)\b/, "correcting, restoring"],
  [/\b(go|goes|going) on with\b/, "keep, continue with"],
  [/\bhas not (the|a|an|its)\b/, "does not have"],
  [/\b(is|are) none (that|of)\b/, "is not a, cannot"],
  [/\bis there twice\b|\bcomes twice\b/, "appears twice"],
  [/\blog (says|has) more\b/, "the log has details"],
  [/\boffline stand-ins?\b/, "stand-in plugins"],
  // A relative clause without a head.
  [
    /(^|[.;:|] )Who (asks|comes|gives|has|is in|keeps|leaves|loses|shall|signs|wants) /,
    "whoever, or: people who",
  ],
  [/\bfor good\b/, "permanently"],
  [/\bbut for\b/, "except for"],
];

/** Paragraphs and cells, each as one line, without code. */
const pageTexts = (text: string): string[] =>
  text
    .replaceAll(/^ *```[^]*?^ *```$/gm, "")
    .replaceAll(/`[^`\n]*`/g, "x")
    .split(/\n\n|\n(?=\s*[-|#])/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, " ").trim());

/** Texts of a program's literals: whole ones, and the pieces of templates. */
function literals(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readOwn(file), ts.ScriptTarget.Latest));
  return found.filter((text) => text.includes(" "));
}

/** Texts of a Python program, which has one to a line and its docstrings between three quotes. */
const pythonTexts = (text: string): string[] =>
  text
    .replaceAll(/"""[^]*?"""/g, "")
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .flatMap((line) => line.match(/"(?:[^"\\]|\\.)*"/g) ?? [])
    .map((literal) => literal.slice(1, -1))
    .filter((literal) => literal.includes(" "));

const complaints = (file: string, texts: readonly string[]) =>
  texts.flatMap((text) =>
    PHRASES.filter(([phrase]) => phrase.test(text)).map(
      ([phrase, better]) => `${file}: ${phrase.exec(text)?.[0] ?? ""} (${better}): ${text.slice(0, 120)}`,
    ),
  );

describe("words that people read", () => {
  it("are the field's in every page", () => {
    const pages = ownFiles("*.md");
    assert.ok(pages.length > 20, `${pages.length} pages`);
    assert.deepEqual(
      pages.flatMap((page) => complaints(page, pageTexts(readOwn(page)))),
      [],
    );
  });

  it("are the field's in descriptions, errors and output", () => {
    const folders = ["cli", "components", "config", "docker-api", "preflight", "setup", "stacks", "tasks"];
    const sources = ownFiles(...folders.map((folder) => `${folder}/*.ts`));
    assert.ok(sources.length > 150, `${sources.length} files`);
    assert.deepEqual(
      sources.flatMap((file) => complaints(file, literals(file))),
      [],
    );
  });

  it("are the field's in what the hub, the filter and the firewall say and log", () => {
    const sources = ownFiles("images/*.py", "tasks/*.py");
    const texts = sources.map((file) => [file, pythonTexts(readOwn(file))] as const);
    assert.ok(texts.flatMap(([, found]) => found).length > 300, `texts of ${sources.length} files`);
    assert.deepEqual(
      texts.flatMap(([file, found]) => complaints(file, found)),
      [],
    );
  });

  it("are the field's on pages of the hub and in what the scripts print", () => {
    const others = ownFiles("images/*.html", "up", "hub");
    assert.ok(others.length >= 3, others.join());
    assert.deepEqual(
      others.flatMap((file) => complaints(file, pageTexts(readOwn(file)))),
      [],
    );
  });
});
