import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { mock } from "node:test";

import { run } from "../../../cli/run";

const ROOT = resolve(__dirname, "../../..");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without a terminal. */
function start(
  file: string,
  args: readonly string[],
  { env = {}, cwd = tmpdir(), input = "" }: { env?: object; cwd?: string; input?: string } = {},
): Promise<Ended> {
  return new Promise((ended) => {
    const options = { cwd, env: { ...process.env, PULUMI_STACK: "", ...env } };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      ended({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    // It may have ended before it reads.
    child.stdin?.on("error", () => undefined).end(input);
  });
}

/** The same of a command line of `./hub`, without a start of its own: for those that end before anything is done. */
async function hubHere(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  const taken = (["stdout", "stderr"] as const).map((name) =>
    mock.method(process[name], "write", (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    }),
  );
  const wanted: Readonly<Record<string, string>> = { PULUMI_STACK: "", ...env };
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, wanted);
  try {
    const code = (await run(args)) ?? 0;
    return { code, ...said };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) {
        Reflect.deleteProperty(process.env, name);
      } else {
        process.env[name] = value;
      }
    }
    for (const { mock: method } of taken) {
      method.restore();
    }
  }
}

describe("./hub", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "hub-"))));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** The environment of a checkout from which these stacks were brought up. */
  function checkout(stacks: readonly string[], selected?: string): Record<string, string> {
    const own = mkdtempSync(join(folder, "checkout-"));
    const states = join(own, ".pulumi/stacks/jupyterhub");
    mkdirSync(states, { recursive: true });
    const latest = { resources: [{ urn: "urn", type: "pulumi:pulumi:Stack" }] };
    for (const name of stacks) {
      writeFileSync(join(states, `${name}.json`), JSON.stringify({ checkpoint: { latest } }));
      writeFileSync(join(states, `${name}.json.bak`), "{}");
    }
    // Destroyed: Pulumi keeps an empty state.
    writeFileSync(join(states, "gone.json"), JSON.stringify({ checkpoint: { latest: { resources: [] } } }));
    const url = `file://${own}`;
    if (selected !== undefined) {
      const id = createHash("sha1").update(join(ROOT, "Pulumi.yaml")).digest("hex");
      mkdirSync(join(own, "home/workspaces"), { recursive: true });
      const note = { stacks: { [url]: `organization/jupyterhub/${selected}` } };
      writeFileSync(join(own, `home/workspaces/jupyterhub-${id}-workspace.json`), JSON.stringify(note));
    }
    return { PULUMI_BACKEND_URL: url, PULUMI_HOME: join(own, "home"), JUPYTERHUB_CACHE: join(own, "cache") };
  }

  const hub = (args: readonly string[], env: object = {}): Promise<Ended> =>
    start(join(ROOT, "hub"), args, { env });

  it("says what it does, from any folder", async () => {
    const { code, stdout, stderr } = await hub(["--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const verb of [
      "check",
      "logs",
      "home",
      "objects",
      "database",
      "probe",
      "node",
      "pulumi",
      "completion",
    ]) {
      assert.match(stdout, new RegExp(`^ {2}${verb} `, "m"));
    }
    assert.equal((await hub([])).code, 2);
  });

  function each(
    title: string,
    lines: readonly (readonly [string, RegExp])[],
    check: (ended: Ended, wanted: RegExp) => void,
  ): void {
    describe(title, () => {
      for (const [words, wanted] of lines) {
        it(words, async () => {
          check(await hubHere(words.split(" ")), wanted);
        });
      }
    });
  }

  each(
    "has help",
    [
      ["logs --help", /--follow/],
      ["home save --help", /--force/],
      ["home load --help", /--replace/],
      ["objects --help", /--json/],
      ["objects remove --help", /--data/],
      ["database restore --help", /--at-next-start/],
      ["probe --help", /--json/],
      ["node drain --help", /--notice <text>/],
      ["node move-home --help", /--to <node>/],
      ["help node", /move-home/],
    ],
    ({ code, stdout }, wanted) => {
      assert.equal(code, 0);
      assert.match(stdout, wanted);
    },
  );

  each(
    "does not understand",
    [
      ["objcts", /unknown command 'objcts'\n\(Did you mean objects\?\)/],
      ["objects lst", /unknown command 'lst'\n\(Did you mean list\?\)/],
      ["home sav alice f", /unknown command 'sav'\n\(Did you mean save\?\)/],
      ["logs hub --folow", /unknown option '--folow'\n\(Did you mean --follow\?\)/],
      ["objects remove --dta", /unknown option '--dta'\n\(Did you mean --data\?\)/],
      ["probe --stak dev", /unknown option '--stak'\n\(Did you mean --stack\?\)/],
      ["logs", /missing required argument 'what'/],
      ["logs a b", /too many arguments for 'logs'/],
      ["logs hub --json", /unknown option '--json'/],
      ["logs hub --tail x", /Expected a number of lines or all\./],
      ["logs hub --since x", /Expected a time as 30s, 10m, 8h or 7d\./],
      ["database dump", /missing required argument 'file'/],
      ["node drain a --wait soon", /Expected a number of seconds\./],
      ["node move-home alice", /required option '--to <node>' not specified/],
      ["completion csh", /Allowed choices are bash, zsh, fish\./],
      ["objects list --stack ../dev", /Stack name: expected letters, digits/],
    ],
    ({ code, stdout, stderr }, wanted) => {
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, wanted);
    },
  );

  describe("takes the stack", () => {
    /** The stack that was taken, known by the file that it has not. */
    const taken = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> =>
      /^Stack "(.*)": expected its configuration/.exec((await hubHere(args, env)).stderr)?.[1] ?? "";

    it("that --stack names, before or after the verb", async () => {
      const env = checkout(["one", "two"]);
      assert.equal(await taken(["objects", "--stack", "named"], { ...env, PULUMI_STACK: "two" }), "named");
      assert.equal(await taken(["--stack", "named", "home", "list"], env), "named");
      assert.equal(await taken(["--stack", "named", "pulumi", "refresh"], env), "named");
    });
    it("of PULUMI_STACK", async () => {
      assert.equal(await taken(["probe"], { ...checkout(["one"]), PULUMI_STACK: "two" }), "two");
    });
    it("that was selected, if it was brought up", async () => {
      assert.equal(await taken(["logs", "hub"], checkout(["one", "two"], "two")), "two");
      assert.equal(await taken(["logs", "hub"], checkout(["one"], "gone")), "one");
    });
    it("that is the only one that was brought up, for pulumi too", async () => {
      assert.equal(await taken(["node", "list", "--json"], checkout(["one"])), "one");
      assert.equal(await taken(["pulumi", "stack", "output", "url"], checkout(["one"])), "one");
    });
  });

  it("refuses to guess among several stacks, with a command that names one", async () => {
    const env = checkout(["one", "two"]);
    for (const args of [
      ["home", "save", "alice", "my file"],
      ["objects", "list", "--json"],
      ["pulumi", "stack", "output"],
    ]) {
      const { code, stdout, stderr } = await hub(args, env);
      assert.deepEqual([code, stdout], [2, ""]);
      const words = args.map((word) => (word.includes(" ") ? `'${word}'` : word)).join(" ");
      assert.equal(
        stderr,
        "Stack: 2 were brought up from this checkout. Name one of one, two, for example:\n" +
          `  ${ROOT}/hub ${words} --stack one\n`,
      );
    }
  });

  it("refuses where none was brought up, with those that have a file", async () => {
    const { code, stderr } = await hub(["logs", "hub"], checkout([]));
    assert.equal(code, 2);
    assert.match(stderr, /^Stack: none was brought up from this checkout\. Name one of .*\bdev\b/);
    assert.match(stderr, /\n {2}To bring one up first: {2}\S*\/up( \w+)?\n$/);
  });

  it("asks on a terminal, until the answer is one of them", async function () {
    // Other systems have another `script`.
    if (process.platform !== "linux") {
      this.skip();
    }
    const line = `${join(ROOT, "hub")} logs hub`;
    const wrapper = ["-qec", line, "/dev/null"];
    const asked = await start("script", wrapper, { env: checkout(["one", "two"]), input: "three\n2\n" });
    assert.match(asked.stdout, /Which one do you mean\?\r?\n {2}1 {2}one\r?\n {2}2 {2}two\r?\n/);
    assert.match(asked.stdout, /Stack "two": expected its configuration in Pulumi\.two\.yaml/);
    assert.equal(asked.code, 1);
  });

  it("says what to do where node or the packages are missing", async () => {
    const here = join(folder, "bare");
    mkdirSync(here);
    await start("cp", [join(ROOT, "hub"), here]);
    const without = await start(join(here, "hub"), ["logs", "hub"]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /npm packages: expected .*\nRun .*bare\/up first/);
    mkdirSync(join(here, "bin"));
    for (const tool of ["dirname", "readlink"]) {
      await start("sh", ["-c", `ln -s "$(command -v ${tool})" "$0"`, join(here, "bin", tool)]);
    }
    const none = await start("/bin/sh", [join(here, "hub")], { env: { PATH: join(here, "bin") } });
    assert.match(none.stderr, /Node\.js: expected on PATH, found none\.\nRun .*bare\/up first/);
  });

  it("goes on under its old names, and says the new one", async () => {
    const { code, stderr } = await start("npm", ["run", "-s", "objects", "--", "--dta"], { cwd: ROOT });
    assert.equal(code, 2);
    assert.match(stderr, /^npm run objects is now: \.\/hub objects\nerror: unknown option '--dta'/);
  });
});
