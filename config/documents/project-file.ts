/** The `config` block of `Pulumi.yaml`. */
import { parseDocument } from "yaml";

import { configJsonSchema } from "../json-schema";

/**
 * `Pulumi.yaml` with the keys described. No types: the CLI would stop at the first wrong one, with less to say.
 * Empty defaults: without one the CLI takes a key for required.
 */
export function projectFile(current: string): string {
  const document = parseDocument(current);
  const declarations = Object.entries(configJsonSchema().properties ?? {}).map(([name, node]) => [
    name,
    { description: node.description, default: node.type === "string" ? "" : {} },
  ]);
  document.set("config", document.createNode(Object.fromEntries(declarations)));
  return document.toString({ lineWidth: 110 });
}
