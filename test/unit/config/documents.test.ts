import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { PROJECT } from "../../../config/constants";
import { generatedFiles } from "../../../config/documents/files";
import { configJsonSchema, type JsonSchema, kindsOf } from "../../../config/json-schema";
import { parseConfig } from "../../../config/parse";
import { contextWith, messagesOf, messagesWith, MINIMAL, warningsOf } from "./support";

const ROOT = join(__dirname, "../../..");

interface DocumentedKey {
  readonly path: string;
  readonly node: JsonSchema;
  /** The key's example where it belongs. */
  readonly value: Record<string, unknown>;
}

/** Every key, except for `kind`, which its parent describes. */
function documentedKeys(
  node: JsonSchema,
  wrap: (value: unknown) => Record<string, unknown>,
  prefix = "",
): DocumentedKey[] {
  return (kindsOf(node) ?? [node]).flatMap((option) => {
    const { kind, ...properties } = option.properties ?? {};
    const base = kind ? { kind: kind.const } : {};
    return Object.entries(properties).flatMap(([name, child]) => {
      const inside = (value: unknown) => wrap({ ...base, [name]: value });
      return [
        { path: prefix + name, node: child, value: inside(child.example) },
        ...documentedKeys(child, inside, `${prefix}${name}.`),
      ];
    });
  });
}

const all = documentedKeys(configJsonSchema(), (value) => value as Record<string, unknown>);

describe("the schema", () => {
  it("has keys", () => {
    assert.ok(all.length > 30);
  });

  for (const { path, node, value } of all) {
    it(`describes ${path}, with an example that is valid`, () => {
      assert.match(node.description ?? "", /^[A-Z].*[.]$/s);
      assert.ok(node.expected);
      assert.notEqual(node.example, undefined);
      // What else is missing beside the example (a key file beside a certificate) is not the example's fault.
      // Keys of a lockdown are no use in another variant, which is an error of its own.
      const variant = path.startsWith("egress") ? { variant: "lockdown" } : {};
      const ours = messagesWith({ ...variant, ...value }).filter((message) =>
        message.startsWith(`jupyterhub:${path}: `),
      );
      const readable = ours.filter((message) => !/expected a (file|folder) that can be read/.test(message));
      assert.deepEqual(readable, []);
    });
  }
});

describe("the files made from the schema", () => {
  it("are up to date", async () => {
    for (const [path, text] of Object.entries(await generatedFiles())) {
      assert.ok(
        readFileSync(join(ROOT, path), "utf8") === text,
        `${path} is out of date. Run: npm run generate`,
      );
    }
  });

  it("are of the project that commands in errors name", () => {
    assert.equal((parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { name: string }).name, PROJECT);
  });

  it("describe the same keys for editors, for the CLI and for readers", () => {
    const names = Object.keys(configJsonSchema().properties ?? {});
    const editors = JSON.parse(readFileSync(join(ROOT, "config/stack-file.schema.json"), "utf8")) as {
      properties: { config: { properties: object; required: string[] } };
    };
    assert.deepEqual(
      Object.keys(editors.properties.config.properties),
      names.map((name) => `jupyterhub:${name}`),
    );
    assert.deepEqual(editors.properties.config.required, ["jupyterhub:domain", "jupyterhub:auth"]);
    const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { config: object };
    assert.deepEqual(Object.keys(project.config), names);
    const reference = readFileSync(join(ROOT, "docs/configuration.md"), "utf8");
    const headings = all.filter(({ path }) =>
      new RegExp(`^##+ ${path.replaceAll(".", "\\.")}( |$)`, "m").test(reference),
    );
    assert.deepEqual(headings, all);
  });
});

describe("the defaults that Pulumi.yaml declares", () => {
  it("count as no values", () => {
    const { config } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
      config: Record<string, { default: unknown }>;
    };
    const declared = Object.fromEntries(Object.entries(config).map(([name, key]) => [name, key.default]));
    assert.deepEqual(
      parseConfig({ ...declared, ...MINIMAL }, contextWith()),
      parseConfig(MINIMAL, contextWith()),
    );
    assert.deepEqual(
      messagesOf(parseConfig(declared, contextWith())),
      messagesOf(parseConfig({}, contextWith())),
    );
  });
});

describe("the dev stack", () => {
  it("is valid, without a warning", () => {
    const { config } = parse(readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    const values = Object.fromEntries(
      Object.entries(config).map(([name, value]) => [name.replace("jupyterhub:", ""), value]),
    );
    assert.deepEqual(warningsOf(parseConfig(values, contextWith())), []);
  });
});
