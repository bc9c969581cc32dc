/** `docs/configuration.md`: every key, its type and default, and what a change of it does. */
import { stringify } from "yaml";

import { PROJECT } from "../constants";
import { configJsonSchema, type JsonSchema, kindsOf } from "../json-schema";
import type { SecretReader } from "../secrets";

const INTRODUCTION = `# Configuration

<!-- Made from config/schema/ by \`npm run generate\`: do not edit. -->

All settings of a stack are in \`Pulumi.<stack>.yaml\`, under \`config:\`. Only \`domain\` and \`auth\` have no default.
A small one:

\`\`\`yaml
# yaml-language-server: $schema=./config/stack-file.schema.json
config:
  jupyterhub:domain: hub.example.org
  jupyterhub:auth:
    kind: shared-password
    users: [alice, bob]
    admins: [admin]
\`\`\`

With the first line, editors that have a YAML language server complete keys and mark errors. On the command line, set a value
with \`./hub pulumi config set --path 'jupyterhub:notebook.limits.memory' 4G\`.

Unknown keys and invalid values are refused before anything changes: all errors are shown at once, each with a command
that fixes it. \`pulumi preview\` shows what a change would replace.

Sizes are written as \`350m\`, \`1G\` or \`1.5GiB\`, with base 1024 in every spelling (1G = 1,073,741,824 bytes), as Docker
does. Paths are relative to the folder of \`Pulumi.yaml\`.`;

export function reference(): string {
  const properties = Object.entries(configJsonSchema().properties ?? {});
  const required = new Set(configJsonSchema().required);
  const overview = table([
    ["key", "", "what"],
    ...properties.map(([name, { description = "" }]) => [
      `[\`${name}\`](#${name})`,
      required.has(name) ? "required" : "",
      firstSentence(description),
    ]),
  ]);
  const sections = properties.flatMap(([name, node]) => {
    const wrap: Wrap = (value) => ({ [`${PROJECT}:${name}`]: value });
    return section("##", name, "", node, required.has(name), wrap);
  });
  return `${[INTRODUCTION, overview, ...sections].join("\n\n")}\n`;
}

/** A table whose first row is its head, with cells under each other as in all pages here. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(3, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const [head = "", ...body] = rows.map((row) =>
    line(widths.map((width, at) => (row[at] ?? "").padEnd(width))),
  );
  return [head, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

/** Puts the value of a key where it is in a stack file. */
type Wrap = (value: unknown) => object;

const READERS: Readonly<Record<SecretReader, string>> = {
  hub: "the hub",
  proxy: "the proxy",
  registry: "the engines that pull images, and the Docker API filter of a Swarm",
  backup: "the container that makes backups",
  program: "`pulumi up` only",
};

/** A key, and after it the keys below it. */
function section(
  level: string,
  path: string,
  remark: string,
  node: JsonSchema,
  isRequired: boolean,
  wrap: Wrap,
): string[] {
  const facts = [
    `- type: ${typeOf(node)}`,
    isRequired ? "- required" : `- default: ${defaultOf(node)}`,
    ...(node.readers
      ? [`- a secret, for ${node.readers.map((reader) => READERS[reader]).join(" and ")}`]
      : []),
    ...(node.change ? [`- when changed: ${node.change}`] : []),
  ];
  const own = [
    `${level} ${path}${remark}`,
    node.description ?? "",
    facts.join("\n"),
    yamlBlock(wrap(node.example)),
  ];
  const options = kindsOf(node) ?? [node];
  const ofItems = node.items?.properties
    ? below(`${path}[]`, node.items, (value) => wrap([withRequired(node.items, value as object)]))
    : [];
  return [...own, ...options.flatMap((option) => below(path, option, wrap, options)), ...ofItems];
}

/** The keys of a map. One that several kinds have alike is told once, for the first of them. */
function below(
  path: string,
  node: JsonSchema,
  wrap: Wrap,
  options: readonly JsonSchema[] = [node],
): string[] {
  const kind = node.properties?.["kind"]?.const;
  const withKind = kind === undefined ? {} : { kind };
  const alike = (name: string) => options.filter((one) => facts(one, name) === facts(node, name));
  const { additionalProperties: entry } = node;
  if (typeof entry === "object" && entry.properties) {
    // A map of maps: its keys are names that people choose.
    const name = Object.keys(node.example ?? {})[0] ?? "name";
    return below(`${path}.<name>`, entry, (value) => wrap({ [name]: value }));
  }
  return Object.entries(node.properties ?? {})
    .filter(([name]) => name !== "kind" && alike(name)[0] === node)
    .flatMap(([name, child]) => {
      const kinds = alike(name).map((one) => String(one.properties?.["kind"]?.const));
      const remark =
        kind === undefined ? "" : ` (${kinds.length > 1 ? "kinds" : "kind"}: ${kinds.join(", ")})`;
      const isRequired = node.required?.includes(name) ?? false;
      const wrapChild: Wrap = (value) => wrap({ ...withKind, [name]: value });
      return section("###", `${path}.${name}`, remark, child, isRequired, wrapChild);
    });
}

/** All that the reference says of a key. */
const facts = (node: JsonSchema, name: string) =>
  JSON.stringify([node.properties?.[name], node.required?.includes(name) ?? false]);

/** An item of a list with the keys that it can't do without. */
function withRequired(item: JsonSchema | undefined, value: object): object {
  const required = (item?.required ?? []).map((name): [string, unknown] => [
    name,
    item?.properties?.[name]?.example,
  ]);
  return { ...(Object.fromEntries(required) as object), ...value };
}

function yamlBlock(value: object): string {
  return ["```yaml", stringify(value, { lineWidth: 0 }).trimEnd(), "```"].join("\n");
}

function typeOf(node: JsonSchema): string {
  const kinds = kindsOf(node);
  if (kinds) {
    return `map; \`kind\` is ${kinds.map(kindName).join(" or ")}`;
  }
  if (node.anyOf) {
    return [...new Set(node.anyOf.map(typeOf))].join(" or ");
  }
  if (node.const !== undefined) {
    return code(node.const);
  }
  if (node.enum) {
    return node.enum.map(code).join(", ");
  }
  if (node.type === "array") {
    return `list of ${node.items?.type === "string" ? "text" : node.items?.properties ? "maps" : "values"}`;
  }
  if (node.type === "object") {
    const entry = node.additionalProperties;
    const ofMaps = typeof entry === "object" && entry.type === "object";
    return node.properties ? "map" : `map of ${ofMaps ? "maps" : "text"}`;
  }
  return [node.type ?? []]
    .flat()
    .map((type) => TYPE_NAMES[type] ?? type)
    .join(" or ");
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "`true` or `false`",
};

const kindName = (option: JsonSchema) => code(option.properties?.["kind"]?.const);

function defaultOf(node: JsonSchema): string {
  if (node.otherwise) {
    return node.otherwise;
  }
  if (node.default === undefined) {
    return "none";
  }
  const isEmptyMap = typeof node.default === "object" && JSON.stringify(node.default) === "{}";
  return isEmptyMap && node.properties ? "see the keys below" : code(node.default);
}

const code = (value: unknown) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
const firstSentence = (text: string) => /^.*?[.](?=\s|$)/.exec(text)?.[0] ?? text;
