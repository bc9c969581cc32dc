import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import {
  type Figure,
  parseFigures,
  performancePage,
  performancePlots,
  type Results,
  told,
} from "../../../docs/performance";
import { read } from "./named-tests";

const FIGURES = parseFigures(read("docs/performance.yaml"));
const RESULTS = JSON.parse(read("bench/results.json")) as Results;
const ROOT = join(__dirname, "..", "..", "..");
const files = readdirSync(join(ROOT, "bench", "benchmarks")).filter((name) => name !== "index.ts");
const source = files.map((name) => read(`bench/benchmarks/${name}`)).join("\n");

describe("docs/performance.yaml", () => {
  it("has figures with an id of their own and one target each", () => {
    assert.equal(new Set(FIGURES.map(({ id }) => id)).size, FIGURES.length);
    for (const { id, atMost, atLeast } of FIGURES) {
      assert.equal([atMost, atLeast].filter((bound) => typeof bound === "number").length, 1, id);
    }
  });

  it("names benchmarks that there are, each of which has a figure", () => {
    const named = new Set(FIGURES.flatMap(({ benchmark }) => benchmark ?? []));
    assert.deepEqual([...named].sort(), files.map((name) => name.replace(".ts", "")).sort());
  });

  it("has every figure that was measured", () => {
    const known = new Set(FIGURES.map(({ id }) => id));
    assert.deepEqual(
      Object.keys(RESULTS).filter((id) => !known.has(id)),
      [],
    );
  });

  it("has every figure that a benchmark records", () => {
    const known = new Set(FIGURES.map(({ id }) => id));
    const recorded = [...source.matchAll(/\.record\(\s*"([^"]+)"/g)].map(([, id = ""]) => id);
    assert.ok(recorded.length > 10);
    assert.deepEqual(
      recorded.filter((id) => !known.has(id)),
      [],
    );
  });
});

describe("docs/performance.md", () => {
  const machine = {
    date: "2026-12-01",
    cores: 2,
    memory: 24,
    kernel: "Linux 6",
    engine: "Docker Engine 1",
    plugins: "P",
    versions: { "Node.js": "22" },
    load: 1.25,
  };
  const ratio: Figure = { id: "a", what: "A & `b`", unit: "s", peer: "C", atMost: 1.5 };
  const row = (figure: Figure, results: Results) =>
    performancePage([figure], results)
      .split("\n")
      .find((line) => line.startsWith(`| ${figure.what}`));

  it("tells what was not measured", () => {
    assert.equal(row(ratio, {}), "| A & `b` | C | ≤ 1.5 | not measured |  |  |");
  });

  it("tells the ratio of the medians, and whether the target is met", () => {
    const results = (ours: number[]) => ({ a: { ours, peer: [2, 2, 9], machine } });
    assert.equal(
      row(ratio, results([3, 1, 3])),
      "| A & `b` | C | ≤ 1.5 | **1.50** (3.00 s against 2.00) | yes | 1.3 |",
    );
    assert.match(
      row(ratio, results([4])) ?? "",
      /\| \*\*2\.00\*\* \(4\.00 s against 2\.00\) \| \*\*no\*\* \|/,
    );
    const least = { ...ratio, atMost: undefined, atLeast: 1.5 };
    assert.match(row(least, results([4])) ?? "", /≥ 1\.5 \|.*\| yes \|/);
  });

  it("tells a difference, and a figure by itself, with the unit", () => {
    const results = { a: { ours: [4], peer: [2], machine } };
    assert.match(
      row({ ...ratio, compare: "difference" }, results) ?? "",
      /≤ 1\.5 s more \| \*\*2\.00 s more\*\*/,
    );
    assert.match(
      row({ ...ratio, peer: undefined }, { a: { ours: [12], machine } }) ?? "",
      /\| ≤ 1\.5 s \| 12 s \| \*\*no\*\* \|/,
    );
  });

  it("has the floor of a target that is missed, and what was tried", () => {
    const figure = { ...ratio, floor: "The floor.", attempts: ["One.", "Two."] };
    const missed = performancePage([figure], { a: { ours: [4], peer: [2], machine } });
    assert.match(missed, /### A & `b`\n\nThe floor\.\n\n- One\.\n- Two\.\n/);
    assert.doesNotMatch(performancePage([figure], { a: { ours: [2], peer: [2], machine } }), /The floor/);
  });

  it("plots every run of what was measured", () => {
    const plots = performancePlots([ratio, { ...ratio, id: "b" }], {
      a: { ours: [3, 0, 3], peer: [2, 4, 2], machine },
    });
    assert.deepEqual(Object.keys(plots), ["docs/performance/a.svg"]);
    const svg = plots["docs/performance/a.svg"] ?? "";
    assert.equal(svg.match(/<circle /g)?.length, 6);
    assert.match(svg, /<title>A &amp; b; peer: C<\/title>/);
    // From 0 at the left to the largest at the right.
    assert.match(svg, /<circle cx="90\.0"/);
    assert.match(svg, /<circle cx="610\.0"/);
  });

  it("plots figures that are all 0", () => {
    const plots = performancePlots([ratio], { a: { ours: [0, 0], machine } });
    assert.doesNotMatch(plots["docs/performance/a.svg"] ?? "", /NaN|Infinity/);
  });

  it("tells a figure in one line", () => {
    assert.deepEqual(told(ratio, { ours: [3, 1, 3], peer: [2], machine }), {
      met: true,
      text: "A & b, against C: 1.50 (3.00 s against 2.00); target ≤ 1.5; runs 1.00 to 3.00",
    });
  });

  it("has no plot of a figure that is gone", () => {
    const wanted = Object.keys(performancePlots(FIGURES, RESULTS)).sort();
    const there = readdirSync(join(ROOT, "docs", "performance")).map((name) => `docs/performance/${name}`);
    assert.deepEqual(there.sort(), wanted);
  });
});
