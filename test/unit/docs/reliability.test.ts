import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { keyOf, parseFaults, reliabilityPage, type Results } from "../../../docs/reliability";
import { read } from "./named-tests";

const FAULTS = parseFaults(read("docs/reliability.yaml"));
const RESULTS = JSON.parse(read("test/faults/results.json")) as Results;
const ROOT = join(__dirname, "../../..");

/** Files of a folder of tests whose names end so. */
const files = (folder: string, ending: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

/** Titles of the tests that `npm run test:faults` has, without a run of them. */
function titles(): string[] {
  const { FAULTS: _, ...environment } = process.env;
  const output = execFileSync(
    join(ROOT, "node_modules/.bin/mocha"),
    ["--dry-run", "--reporter", "json", ...files("test/faults", ".test.ts")],
    { cwd: ROOT, env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  return (JSON.parse(output) as { tests: { title: string }[] }).tests.map(({ title }) => title);
}

describe("docs/reliability.yaml", () => {
  it("has faults with an id and words of their own", () => {
    for (const field of ["id", "fault"] as const) {
      assert.equal(new Set(FAULTS.map((one) => one[field])).size, FAULTS.length, field);
    }
    assert.ok(FAULTS.every(({ on, expected }) => on.length > 0 && expected !== ""));
  });

  it("names faults that tests cause, in each of their places", () => {
    const tests = titles();
    const swarm = files("test/swarm", ".ts").map(read).join("\n");
    const uncaused = FAULTS.flatMap(({ id, on, fault, expected }) => {
      const onSwarm = on.includes("swarm");
      const causedThere = swarm.includes(`witness("swarm", "${id}")`);
      const others = on.filter((place) => place !== "swarm").length;
      const tried = tests.filter((title) => title === `${fault}: ${expected}`).length;
      return tried === others && causedThere === onSwarm
        ? []
        : [`${id}: ${tried} tests for ${on.join(", ")}`];
    });
    assert.deepEqual(uncaused, []);
  });

  it("knows everything that a run has seen", () => {
    const known = new Set(FAULTS.flatMap(({ id, on }) => on.map((place) => keyOf(place, id))));
    assert.deepEqual(
      Object.keys(RESULTS).filter((key) => !known.has(key)),
      [],
    );
  });
});

describe("docs/reliability.md", () => {
  const fault = { id: "a", on: ["single-host", "lockdown"] as const, fault: "A | B", expected: "C" };
  const seen = {
    seen: "It was\nback.",
    date: "2026-11-30",
    engine: "Docker Engine 1",
    plugins: "P",
    load: 1,
  };
  const rows = (results: Results) =>
    reliabilityPage([fault, { ...fault, id: "b" }], results)
      .split("\n")
      .filter((line) => /^\| \d/.test(line));

  it("has a numbered row for each fault that was seen in a place, and none for what was not", () => {
    const results = {
      "lockdown/a": { ...seen, seconds: 12.34, requests: { all: 7, failed: 1 } },
      "single-host/b": { ...seen, seconds: 2.345 },
    };
    assert.deepEqual(rows(results), [
      "| 1 | A \\| B | C | It was back. | 2.3 |  |",
      "| 2 | A \\| B | C | It was back. | 12 | 1 of 7 |",
    ]);
    assert.deepEqual(rows({}), []);
  });

  it("names what has no result as expected in a place, so that nothing is left out in silence", () => {
    const page = reliabilityPage([fault, { ...fault, id: "b", fault: "B" }], {
      "lockdown/a": { ...seen, seconds: 1 },
    });
    const [, alone = "", lockdown = ""] = page.split(/^## /m);
    assert.match(alone, /^Single host\n\nWithout a result as expected:\n\n- A \| B\n- B\n/);
    assert.match(lockdown, /^Lockdown\n[^]*\n\nWithout a result as expected:\n\n- B\n$/);
  });

  it("says when it was seen, and with what", () => {
    const results = {
      "lockdown/a": { ...seen, seconds: 1 },
      "lockdown/b": { ...seen, seconds: 1, date: "2026-12-01", plugins: "Q", load: 2.5 },
    };
    assert.match(
      reliabilityPage([fault, { ...fault, id: "b" }], results),
      /^Dates: 2026-11-30 to 2026-12-01\. With: Docker Engine 1, P; Docker Engine 1, Q\. .*for each processor: 1 to 2\.5;/m,
    );
  });
});
