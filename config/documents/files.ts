/** The files that are made from the schema and from other data, as they have to be. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";

import { featuresPage, parseFeatures } from "../../docs/features";
import {
  parseFigures,
  performancePage,
  performancePlots,
  type Results as Measured,
} from "../../docs/performance";
import { parseFaults, reliabilityPage, type Results } from "../../docs/reliability";
import { stackFileSchema } from "./editor-schema";
import { projectFile } from "./project-file";
import { reference } from "./reference";

const ROOT = join(__dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(join(ROOT, path))), filepath: path });

/** Their text, by their paths in the checkout. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  const keys = reference();
  const figures = parseFigures(read("docs/performance.yaml"));
  const measured = JSON.parse(read("bench/results.json")) as Measured;
  return {
    "config/stack-file.schema.json": await formatted(
      "config/stack-file.schema.json",
      JSON.stringify(stackFileSchema()),
    ),
    "docs/configuration.md": keys,
    "docs/features.md": featuresPage(parseFeatures(read("docs/features.yaml")), keys),
    "docs/performance.md": performancePage(figures, measured),
    ...performancePlots(figures, measured),
    "docs/reliability.md": reliabilityPage(
      parseFaults(read("docs/reliability.yaml")),
      JSON.parse(read("test/faults/results.json")) as Results,
    ),
    "Pulumi.yaml": await formatted("Pulumi.yaml", projectFile(read("Pulumi.yaml"))),
  };
}
