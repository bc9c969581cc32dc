import assert from "node:assert/strict";

import { namedStack, parseArguments, pulumiArguments, wantsConfigFile } from "../../../setup/arguments";

describe("command line of ./up", () => {
  const table: [string, string, Partial<ReturnType<typeof parseArguments>>][] = [
    ["nothing", "", { action: "up", stack: "dev", passed: [] }],
    ["a stack", "prod", { action: "up", stack: "prod" }],
    ["an operation before the stack", "--preview prod", { action: "preview", stack: "prod" }],
    ["an operation after the stack", "prod --destroy", { action: "destroy", stack: "prod" }],
    [
      "options of pulumi in their order",
      "prod --diff -p 4",
      { stack: "prod", passed: ["--diff", "-p", "4"] },
    ],
    ["a value that looks like a stack", "-m hello", { stack: "dev", passed: ["-m", "hello"] }],
    ["a stack after an option with a value", "-m hello prod", { stack: "prod", passed: ["-m", "hello"] }],
    ["a stack after an option without one", "--refresh prod", { stack: "prod", passed: ["--refresh"] }],
    ["pulumi's way to name the stack", "--stack prod", { stack: "prod", passed: [] }],
    ["the same with =", "--stack=prod prod", { stack: "prod", passed: [] }],
    ["parts to prepare", "--only engine,cli", { action: "prepare", only: ["engine", "cli"] }],
    ["another try at the network", "--retry-online", { action: "up", retryOnline: true }],
    ["an option of a later pulumi", "--brand-new=1", { passed: ["--brand-new=1"] }],
    ["help before all else", "--destroy prod -h", { action: "help" }],
  ];
  for (const [name, line, expected] of table) {
    it(`takes ${name}`, () => {
      const got = parseArguments(line.split(" ").filter(Boolean), {});
      assert.deepEqual({ ...got, ...expected }, got);
    });
  }

  it("takes the stack from PULUMI_STACK, and the one named before it", () => {
    assert.equal(parseArguments([], { PULUMI_STACK: "prod" }).stack, "prod");
    assert.equal(parseArguments(["dev"], { PULUMI_STACK: "prod" }).stack, "dev");
    assert.equal(parseArguments([], { PULUMI_STACK: "" }).stack, "dev");
  });

  const bad: [string, RegExp][] = [
    ["--preview --destroy", /one of --preview, --destroy/],
    ["dev prod", /one stack, got dev and prod/],
    ["../other", /Stack name: expected letters/],
    ["--only engine,disk", /engine,images,cli,plugins; got "disk"/],
    ["--message", /--message: expected a value/],
    ["--only", /--only: expected a value/],
    [
      "ops --previw",
      /^--previw: expected --preview \(the nearest known option\), got an unknown option\.\n {2}\.\/up --help$/,
    ],
    ["--mesage=x", /^--mesage: expected --message /],
  ];
  for (const [line, message] of bad) {
    it(`refuses "${line}"`, () => {
      assert.throws(() => parseArguments(line.split(" "), {}), { message });
    });
  }
});

describe("what pulumi is run with", () => {
  it("updates without a question", () => {
    assert.deepEqual(pulumiArguments("up", "dev", "/c.yaml", ["--diff"], true), [
      "up",
      "--stack",
      "dev",
      "--config-file",
      "/c.yaml",
      "--yes",
      "--skip-preview",
      "--suppress-outputs",
      "--diff",
    ]);
  });

  it("leaves decisions that are given", () => {
    const passed = ["-y", "--skip-preview=false", "--config-file=/mine.yaml"];
    assert.deepEqual(pulumiArguments("up", "dev", "/c.yaml", passed, true), [
      "up",
      "--stack",
      "dev",
      "--suppress-outputs",
      ...passed,
    ]);
    assert.deepEqual(pulumiArguments("up", "dev", undefined, ["--strict"], true), [
      "up",
      "--stack",
      "dev",
      "--yes",
      "--suppress-outputs",
      "--strict",
    ]);
  });

  it("adds nothing to a preview", () => {
    assert.deepEqual(pulumiArguments("preview", "prod", undefined, [], true), ["preview", "--stack", "prod"]);
  });

  it("asks before a destroy where someone can answer, and spares what is protected", () => {
    assert.deepEqual(pulumiArguments("destroy", "dev", undefined, [], true), [
      "destroy",
      "--stack",
      "dev",
      "--exclude-protected",
    ]);
    assert.deepEqual(pulumiArguments("destroy", "dev", undefined, [], false), [
      "destroy",
      "--stack",
      "dev",
      "--yes",
      "--skip-preview",
      "--exclude-protected",
      "--suppress-progress",
    ]);
    assert.ok(
      !pulumiArguments("destroy", "dev", undefined, ["--ignore-protect"], false).includes(
        "--exclude-protected",
      ),
    );
  });
});

describe("plain pulumi commands", () => {
  it("get the configuration file where they know the option", () => {
    assert.equal(wantsConfigFile(["preview", "--diff"]), true);
    assert.equal(wantsConfigFile(["--non-interactive", "destroy"]), true);
    assert.equal(wantsConfigFile(["config", "set", "a", "b"]), false);
    assert.equal(wantsConfigFile(["stack", "output"]), false);
    assert.equal(wantsConfigFile(["up", "--config-file", "/d"]), false);
    assert.equal(wantsConfigFile(["up", "--config-file=/d"]), false);
    assert.equal(wantsConfigFile(["up", "--help"]), false);
    assert.equal(wantsConfigFile([]), false);
  });

  it("work on the stack they name", () => {
    assert.equal(namedStack(["up", "--stack", "prod"]), "prod");
    assert.equal(namedStack(["up", "-s", "prod"]), "prod");
    assert.equal(namedStack(["up", "--stack=prod"]), "prod");
    assert.equal(namedStack(["up"]), undefined);
  });
});
