/** Commands that messages and pages tell people to run: each is one that `./up` or `./hub` takes. */
import assert from "node:assert/strict";
import type { Command } from "commander";
import ts from "typescript";

import { hub, verbIn, VERBS } from "../../../cli/program";
import { parseArguments, PARTS } from "../../../setup/arguments";
import { ownFiles, readOwn } from "../../own-files";

/** Something to stand for what is only known as it runs. */
const ANY = "NAME";

/** What an expression of a message comes to, as far as it stands in the source. */
function textOf(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) {
    return node.text;
  }
  if (ts.isTemplateExpression(node)) {
    return (
      node.head.text + node.templateSpans.map((span) => textOf(span.expression) + span.literal.text).join("")
    );
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return textOf(node.left) + textOf(node.right);
  }
  if (ts.isCallExpression(node)) {
    const [first] = node.arguments;
    const called = node.expression.getText();
    if (called === "program" && first !== undefined) {
      return `./${textOf(first)}`;
    }
    if (called === "hubCommand" && first !== undefined) {
      return `./hub ${textOf(first)} --stack ${ANY}`;
    }
    if (called === "upCommand") {
      return `./up ${ANY}`;
    }
  }
  return ANY;
}

/** All texts of a source, each with what it is put together from. */
function textsOf(file: string): string[] {
  const source = readOwn(file);
  if (!/\.\/(up|hub)\b|\b(program|hubCommand|upCommand)\(/.test(source)) {
    return [];
  }
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText =
      ts.isStringLiteralLike(node) ||
      ts.isTemplateExpression(node) ||
      ts.isCallExpression(node) ||
      (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken);
    if (isText) {
      found.push(textOf(node));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return found;
}

/** Texts of a Python program: what stands between two quotes, with literals that follow one another joined. */
const pythonTexts = (text: string): string[] =>
  text
    .replaceAll(/"""[^]*?"""/g, "")
    .replaceAll(/"\n\s*f?"/g, "")
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .flatMap((line) => line.match(/"(?:[^"\\]|\\.)*"/g) ?? [])
    .map((literal) => literal.slice(1, -1).replaceAll(/\{[^}]*\}/g, ANY));

/** Shell lines of a page: its blocks, and what stands between backquotes. */
const pageTexts = (text: string): string[] => [
  ...[...text.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, block = ""]) =>
    block.replaceAll("\\\n", " ").split("\n"),
  ),
  ...(text.replaceAll(/^ *```[^]*?^ *```$/gm, "").match(/`[^`]+`/g) ?? []).map((code) =>
    code.slice(1, -1).replaceAll(/\s+/g, " "),
  ),
];

/** Commands of a text, up to where the sentence goes on. What stands in the middle of a sentence only names one. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:^|[:`(]\s*|\n\s*| {3,}|&& )(\.\/(?:hub|up)(?: [^\n`]*)?)/g)].flatMap(
    ([, line = ""]) =>
      line
        .split(/ && | \| | {2,}|[,;:)] |\. | #| >|<\(|\)/, 1)
        .map((command) => command.trim().replace(/[.,:;)]+$/, "")),
  );

/** Words of a command line, with quotes as a shell has them. */
const words = (command: string): string[] =>
  // As pages and helps write what is optional or yours to say.
  [
    ...command
      .replaceAll(/\[[^\]]*\]?/g, "")
      .replaceAll(/<stack>/g, ANY)
      .matchAll(/(?:'[^']*'|"[^"]*"|\S)+/g),
  ].map(([word]) => word.replaceAll(/['"]/g, ""));

/** A command that does nothing, refuses what it does not know, and prints nothing. */
function harmless(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.action(() => undefined);
  command.commands.forEach(harmless);
  return command;
}

const PULUMI =
  /^(config (set|rm|get|NAME)|stack (output|rm|export|select|ls)|stack|refresh|cancel|up|preview|destroy|import)\b/;

/** Verbs and what follows them: a text may name them without their arguments. */
const NAMES: ReadonlySet<string> = new Set(
  Object.keys(VERBS).flatMap((verb) => [
    verb,
    ...hub([verb]).commands.flatMap((one) =>
      one.name() === verb ? one.commands.map((below) => below.name()) : [],
    ),
  ]),
);

/** What is wrong with a command; undefined where nothing is. */
function complaint(command: string): string | undefined {
  const [name, ...argv] = words(command);
  try {
    if (name === "./up") {
      parseArguments(
        argv.map((word) => (word === "LIST" ? PARTS.join(",") : word)),
        {},
      );
      return undefined;
    }
    const verb = verbIn(argv);
    // A name alone, or the helper that puts commands together.
    if (argv.every((word) => NAMES.has(word)) || argv[0]?.startsWith(ANY) === true) {
      return undefined;
    }
    if (verb === undefined) {
      return argv.length === 0 || argv.every((word) => /^(--help|VERB|help|…)$/.test(word))
        ? undefined
        : "no verb";
    }
    if (verb.name === "pulumi") {
      const rest = argv.slice(verb.at + 1).filter((word) => word !== "--help");
      return rest.length === 0 || rest[0] === "…" || PULUMI.test(rest.join(" "))
        ? undefined
        : "no command of pulumi";
    }
    harmless(hub(argv)).parse(argv, { from: "user" });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function complaints(
  texts: readonly (readonly [file: string, texts: readonly string[]])[],
  least: number,
): string[] {
  const all = texts.flatMap(([file, found]) =>
    found.flatMap(commandsIn).map((command) => [file, command] as const),
  );
  assert.ok(all.length >= least, `${all.length} commands`);
  return all.flatMap(([file, command]) => {
    const wrong = complaint(command);
    return wrong === undefined ? [] : [`${file}: ${command}: ${wrong}`];
  });
}

describe("commands that people are told to run", () => {
  it("are known, in messages", () => {
    const folders = ["cli", "components", "config", "docker-api", "preflight", "setup", "stacks", "tasks"];
    const sources = ownFiles(...folders.map((folder) => `${folder}/*.ts`));
    assert.deepEqual(
      complaints(
        sources.map((file) => [file, textsOf(file)] as const),
        60,
      ),
      [],
    );
  });

  it("are known, in what the hub says", () => {
    const sources = ownFiles("images/*.py", "tasks/*.py").map(
      (file) => [file, pythonTexts(readOwn(file))] as const,
    );
    assert.deepEqual(complaints(sources, 2), []);
  });

  it("are known, on pages", () => {
    const pages = ownFiles("*.md").map((file) => [file, pageTexts(readOwn(file))] as const);
    assert.deepEqual(complaints(pages, 100), []);
  });

  it("would be found out", () => {
    for (const command of [
      "./hub object list",
      "./hub objects --data",
      "./hub database dump --stack x",
      "./hub logs hub --user=x y",
      "./hub pulumi conifg set x",
      "./up --previw",
      "./up a b",
    ]) {
      assert.notEqual(complaint(command), undefined, command);
    }
  });
});
