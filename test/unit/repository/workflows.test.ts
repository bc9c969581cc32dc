import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const ROOT = join(__dirname, "../../..");
const GITHUB = join(ROOT, ".github");

interface Job {
  "timeout-minutes"?: number;
}
interface Workflow {
  permissions?: object;
  jobs: Readonly<Record<string, Job>>;
}
interface Form {
  name?: string;
  description?: string;
  body?: { type: string; id?: string; attributes: { label?: string; value?: string } }[];
}

const read = (...path: string[]) => readFileSync(join(GITHUB, ...path), "utf8");
const yamlFiles = (folder: string) =>
  readdirSync(join(GITHUB, folder)).filter((name) => /\.ya?ml$/.test(name));

describe("GitHub workflows", () => {
  const workflows = yamlFiles("workflows");

  it("are there", () => {
    assert.deepEqual(workflows, ["preview.yml", "test.yml", "up.yml"]);
  });

  for (const name of workflows) {
    it(`${name} uses actions by commit, with the version beside it`, () => {
      const uses = read("workflows", name)
        .split("\n")
        .filter((line) => /^\s*(- )?uses:/.test(line))
        .map((line) => line.trim().replace(/^- /, ""));
      assert.ok(uses.length > 0);
      const unpinned = uses.filter(
        (line) => !/^uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
      );
      assert.deepEqual(unpinned, []);
    });

    it(`${name} says what its token may do, and ends its jobs`, () => {
      const { permissions, jobs } = parse(read("workflows", name)) as Workflow;
      assert.ok(permissions, "permissions");
      const endless = Object.entries(jobs).filter(([, job]) => !job["timeout-minutes"]);
      assert.deepEqual(endless, []);
    });
  }
});

describe("GitHub issue forms", () => {
  /** What GitHub's form schema knows. */
  const types = ["markdown", "textarea", "input", "dropdown", "checkboxes"];

  for (const name of yamlFiles("ISSUE_TEMPLATE").filter((file) => file !== "config.yml")) {
    it(`${name} is one that GitHub shows`, () => {
      const { name: title, description, body = [] } = parse(read("ISSUE_TEMPLATE", name)) as Form;
      assert.ok(title && description, "name and description");
      assert.deepEqual(
        body.filter(({ type }) => !types.includes(type)),
        [],
      );
      const questions = body.filter(({ type }) => type !== "markdown");
      assert.deepEqual(
        questions.filter(({ id, attributes }) => !id || !attributes.label),
        [],
      );
      const ids = questions.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, "two questions with one id");
    });
  }
});
