/**
 * `npm run bench`: how fast it is, each figure with that of a peer in the same run.
 *
 *     npm run bench                          all benchmarks
 *     npm run bench -- preview idle          some of them
 *     npm run bench -- --list                their names
 *     npm run bench -- --json FILE preview   what was measured goes to FILE, not to bench/results.json
 *
 * RUNS sets the counted pairs (default 5), COMPOSE the program of Docker Compose. Ends with 1 where a target was missed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parseFigures, type Results, told } from "../docs/performance";
import { benchmarks } from "./benchmarks";
import { Context } from "./context";
import { machine } from "./measure";

const ROOT = join(__dirname, "..");

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, list: { type: "boolean", default: false } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = names.filter((name) => !(name in benchmarks));
const runs = Number(process.env["RUNS"] ?? 5);

function saved(file: string): Results {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return {};
    }
    throw error;
  }
}

/** Without digits that mean nothing. */
const significant = (value: number): number => Number(value.toPrecision(4));

async function main(): Promise<void> {
  const figures = parseFigures(readFileSync(join(ROOT, "docs", "performance.yaml"), "utf8"));
  const file = options.json ?? join(ROOT, "bench", "results.json");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      console.error("Stopping. What was made is removed first.");
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  const context = new Context(runs, stop.signal, async (id, taken) => {
    const figure = figures.find((one) => one.id === id);
    if (figure === undefined) {
      throw new Error(`docs/performance.yaml has no figure ${id}`);
    }
    const result = {
      ours: taken.ours.map(significant),
      ...("peer" in taken && { peer: taken.peer.map(significant) }),
      machine: await machine(),
    };
    const all = Object.entries({ ...saved(file), [id]: result });
    all.sort(([one], [other]) => one.localeCompare(other));
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
    const { text, met } = told(figure, result);
    console.log(`${met ? "✔" : "✖"} ${text}`);
    if (!met) {
      process.exitCode = 1;
    }
  });
  try {
    for (const name of names) {
      stop.signal.throwIfAborted();
      console.log(`── ${name}: ${benchmarks[name]?.about ?? ""}`);
      await benchmarks[name]?.run(context).catch((error: unknown) => {
        // The next ones do not depend on it.
        stop.signal.throwIfAborted();
        console.error(error);
        process.exitCode = 1;
      });
    }
  } finally {
    await context.cleanUp();
  }
}

if (options.list) {
  for (const [name, { about }] of Object.entries(benchmarks)) {
    console.log(`${name.padEnd(16)}${about}`);
  }
} else if (unknown.length > 0 || !(runs >= 1)) {
  const known = Object.keys(benchmarks).join(", ");
  console.error(
    unknown.length > 0
      ? `npm run bench: expected one of ${known}, got ${unknown.join(", ")}`
      : `RUNS: expected a number of 1 or more, got ${process.env["RUNS"] ?? ""}`,
  );
  process.exitCode = 2;
} else {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
