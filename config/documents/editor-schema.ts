/** `config/stack-file.schema.json`: completion and errors in editors. */
import { PROJECT } from "../constants";
import { configJsonSchema, type JsonSchema } from "../json-schema";

/** JSON Schema of a `Pulumi.<stack>.yaml`; other namespaces are left to their owners. */
export function stackFileSchema(): object {
  const { properties = {}, required = [] } = configJsonSchema();
  const namespaced = (names: readonly string[]) => names.map((name) => `${PROJECT}:${name}`);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration of a JupyterHub stack (Pulumi.<stack>.yaml)",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, node]) => [`${PROJECT}:${name}`, forEditors(node)]),
        ),
        required: namespaced(required),
        patternProperties: { [`^(?!${PROJECT}:)`]: {} },
        additionalProperties: false,
      },
      encryptionsalt: { type: "string" },
      encryptedkey: { type: "string" },
      secretsprovider: { type: "string" },
    },
    required: ["config"],
  };
}

/** This program's own words become those that editors show. */
function forEditors(node: JsonSchema): object {
  const { expected, change, example, otherwise, secret, readers, ...rest } = node;
  if (secret) {
    // As `./hub pulumi config set --secret` writes it.
    const encrypted = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };
    const { description, ...text } = rest;
    return {
      description: `${description ?? ""} A secret: set it with \`./hub pulumi config set --path --secret\`.`,
      anyOf: [text, encrypted],
    };
  }
  const remarks = [
    node.description,
    otherwise && `Default: ${otherwise}.`,
    change && `When changed: ${change}`,
  ];
  const description = remarks.filter(Boolean).join(" ");
  return {
    ...mapChildren(rest),
    ...(description ? { description } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
    ...(expected ? { errorMessage: `Expected ${expected}.` } : {}),
  };
}

function mapChildren(node: JsonSchema): object {
  const { properties, items, additionalProperties, oneOf, anyOf, ...rest } = node;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, child]) => [name, forEditors(child)]),
      ),
    }),
    ...(items && { items: forEditors(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object" ? forEditors(additionalProperties) : additionalProperties,
    }),
    ...(oneOf && { oneOf: oneOf.map(forEditors) }),
    ...(anyOf && { anyOf: anyOf.map(forEditors) }),
  };
}
