/**
 * Writes what is derived from the schema: `config/stack-file.schema.json` (for editors), `docs/configuration.md` (the
 * reference) and the `config` block of `Pulumi.yaml`; and `docs/features.md`, from `docs/features.yaml`.
 *
 *     npm run generate               writes them
 *     npm run generate -- --check    fails when one is stale
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";

import { featuresPage, parseFeatures } from "../docs/features";
import { stackFileSchema } from "./documents/editor-schema";
import { projectFile } from "./documents/project-file";
import { reference } from "./documents/reference";

const ROOT = join(__dirname, "..");

async function main(): Promise<void> {
  const check = process.argv.includes("--check");
  const project = join(ROOT, "Pulumi.yaml");
  const files: [string, string][] = [
    [join(ROOT, "config/stack-file.schema.json"), JSON.stringify(stackFileSchema())],
    [join(ROOT, "docs/configuration.md"), reference()],
    [
      join(ROOT, "docs/features.md"),
      featuresPage(parseFeatures(readFileSync(join(ROOT, "docs/features.yaml"), "utf8")), reference()),
    ],
    [project, projectFile(readFileSync(project, "utf8"))],
  ];
  let stale = 0;
  for (const [path, text] of files) {
    const formatted = path.endsWith("features.md")
      ? text
      : await format(text, { ...(await resolveConfig(path)), filepath: path });
    if (read(path) === formatted) {
      continue;
    }
    stale += 1;
    if (check) {
      console.error(`${path} is out of date. Run: npm run generate`);
    } else {
      writeFileSync(path, formatted);
    }
  }
  if (check && stale > 0) {
    process.exitCode = 1;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

void main();
