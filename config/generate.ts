/**
 * Writes what is derived from the schema: `config/stack-file.schema.json` (for editors), `docs/configuration.md` (the
 * reference) and the `config` block of `Pulumi.yaml`; and pages of docs/ that are made from data.
 *
 *     npm run generate               writes them
 *     npm run generate -- --check    fails when one is stale
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { generatedFiles } from "./documents/files";

const ROOT = join(__dirname, "..");

async function main(): Promise<void> {
  const check = process.argv.includes("--check");
  for (const [name, text] of Object.entries(await generatedFiles())) {
    const path = join(ROOT, name);
    if (read(path) === text) {
      continue;
    }
    if (check) {
      console.error(`${path} is out of date. Run: npm run generate`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
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
