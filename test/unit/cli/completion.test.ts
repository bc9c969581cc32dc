import assert from "node:assert/strict";

import { answer, type Shell } from "../../../cli/completion";
import { hub } from "../../../cli/program";

const STACKS = ["dev", "prod"];

/** What a shell is answered for a command line; what is after the last blank is begun. */
const answered = (line: string, shell: Shell = "bash"): string[] => {
  const words = line.split(" ");
  return answer(hub(words), shell, words, STACKS).split("\n").slice(0, -1);
};

describe("completion of ./hub", () => {
  for (const [line, wanted] of [
    ["ob", ["objects"]],
    ["home ", ["list", "save", "load", "remove", "rename", "help"]],
    ["home l", ["list", "load"]],
    ["help no", ["node"]],
    ["home help s", ["save"]],
    ["completion ", ["bash", "zsh", "fish"]],
    // An argument that nobody can propose, and one that is a file.
    ["home save ", []],
    ["home save alice ", ["/"]],
    ["home save alice a.tar ", ["--stack", "--json", "--force", "--help"]],
    ["pulumi stack ", ["/"]],
    // Options: begun, or since nothing else can follow; none twice, and none after --.
    ["objects remove --", ["--stack", "--json", "--data", "--yes", "--help"]],
    ["objects remove --data -y --", ["--stack", "--json", "--help"]],
    ["probe ", ["--stack", "--json", "--help"]],
    ["--", ["--stack", "--json", "--help"]],
    ["objects remove -- --", []],
    // Names of stacks, wherever the option stands.
    ["--stack ", STACKS],
    ["-s p", ["prod"]],
    ["home --stack d", ["dev"]],
    ["pulumi up -s ", STACKS],
    // An option's value is no verb, and is not proposed.
    ["--stack home no", ["node"]],
    ["node drain --notice node --w", ["--wait"]],
    ["node move-home --to ", []],
    ["hom ", []],
  ] as const) {
    it(`of "${line}"`, () => {
      assert.deepEqual(answered(line), wanted);
    });
  }

  it("of --stack=…, which bash breaks at the =", () => {
    assert.deepEqual(answered("probe --stack ="), STACKS);
    assert.deepEqual(answered("probe --stack = p"), ["prod"]);
    assert.deepEqual(answered("probe --stack = dev --js"), ["--json"]);
    assert.deepEqual(answered("probe --stack=", "fish"), ["--stack=dev\tstack", "--stack=prod\tstack"]);
    assert.deepEqual(answered("probe --stack=p", "zsh"), ["--stack=prod\tstack"]);
    assert.deepEqual(answered("probe --stack=dev --js", "zsh"), [
      "--json\tprint the result as JSON; ask no questions",
    ]);
  });

  it("says what each is for, where the shell shows it", () => {
    assert.deepEqual(answered("home l", "fish"), [
      "list\tlist homes, where they are, and whether their owners' servers are running",
      "load\tload a tar file into a person's home, while their server is stopped",
    ]);
  });
});
