/** Makes docs/performance.md and its plots from docs/performance.yaml, which has the targets, and from what was measured. */
import { parse } from "yaml";

import type { Machine } from "../bench/measure";
import { median, rounded, spread } from "../bench/statistics";

export interface Figure {
  readonly id: string;
  /** None: nothing measures it yet. */
  readonly benchmark?: string;
  readonly what: string;
  readonly unit: string;
  readonly peer?: string;
  /** @default "ratio" with a peer, "value" without */
  readonly compare?: "ratio" | "difference" | "value";
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly floor?: string;
  readonly attempts?: readonly string[];
}

/** What was measured of a figure, run by run, in its unit. */
export interface Result {
  readonly ours: readonly number[];
  readonly peer?: readonly number[];
  readonly machine: Machine;
}

/** By the ids of figures. */
export type Results = Readonly<Record<string, Result>>;

export const parseFigures = (text: string): Figure[] => parse(text) as Figure[];

interface Judged {
  /** What the target is about. */
  readonly value: number;
  readonly met: boolean;
}

function judge(figure: Figure, { ours, peer = [] }: Result): Judged {
  const compare = figure.compare ?? (figure.peer === undefined ? "value" : "ratio");
  const [mine, theirs] = [median(ours), compare === "value" ? NaN : median(peer)];
  const value = { value: mine, ratio: mine / theirs, difference: mine - theirs }[compare];
  const { atMost = Infinity, atLeast = -Infinity } = figure;
  return { value, met: value <= atMost && value >= atLeast };
}

const target = ({ compare, peer, unit, atMost, atLeast }: Figure): string => {
  const [sign, bound] = atMost === undefined ? ["≥", atLeast ?? NaN] : ["≤", atMost];
  return `${sign} ${bound}${isRatio({ compare, peer }) ? "" : ` ${unit}${compare === "difference" ? " more" : ""}`}`;
};

const isRatio = ({ compare, peer }: Pick<Figure, "compare" | "peer">): boolean =>
  (compare ?? (peer === undefined ? "value" : "ratio")) === "ratio";

function seen(figure: Figure, result: Result): string {
  const { value } = judge(figure, result);
  const mine = `${rounded(median(result.ours))} ${figure.unit}`;
  if (figure.peer === undefined || result.peer === undefined) {
    return mine;
  }
  const pair = `${mine} against ${rounded(median(result.peer))}`;
  return isRatio(figure)
    ? `**${value.toFixed(2)}** (${pair})`
    : `**${rounded(value)} ${figure.unit} more** (${pair})`;
}

/** A figure in one line for a terminal. */
export function told(figure: Figure, result: Result): { readonly text: string; readonly met: boolean } {
  const { met } = judge(figure, result);
  const against = figure.peer === undefined ? "" : `, against ${figure.peer}`;
  const range = spread(result.ours).map(rounded).join(" to ");
  const text = `${figure.what}${against}: ${seen(figure, result)}; target ${target(figure)}; runs ${range}`;
  return { met, text: text.replaceAll(/[*`]/g, "") };
}

const INTRODUCTION = `# Performance

<!-- Made from docs/performance.yaml and bench/results.json by \`npm run generate\`: do not edit. -->

\`npm run bench\` measures these figures on this machine's Docker Engine, each next to a peer in the same run: ours and the
peer's in turn, at least five pairs for most of them. What you see is the medians and, as the plots show, every run.
Processor time (CPU s) is that of all programs involved. A busy machine disturbs it less than time by the clock.

\`npm run bench -- --list\` names the benchmarks, and \`npm run bench -- preview idle\` runs some of them
([how](../CONTRIBUTING.md#measure)). "Not measured" is a target for which there is no benchmark or no run yet.
`;

/** The page, with a row for every figure. */
export function performancePage(figures: readonly Figure[], results: Results): string {
  const lines = [INTRODUCTION, "| what | peer | target | seen | met | load |", "| - | - | - | - | - | -: |"];
  for (const figure of figures) {
    const result = results[figure.id];
    const cells =
      result === undefined
        ? ["not measured", "", ""]
        : [
            seen(figure, result),
            judge(figure, result).met ? "yes" : "**no**",
            result.machine.load.toFixed(1),
          ];
    lines.push(`| ${[figure.what, figure.peer ?? "", target(figure), ...cells].join(" | ")} |`);
  }
  const machines = Object.values(results).map(({ machine }) => describe(machine));
  lines.push(
    "",
    "Load is the number of processes that wanted to run, for each processor, in the minute before: above 1, times by the clock",
    "are longer than they would be.",
    "",
    ...[...new Set(machines)].sort().map((one) => `- ${one}`),
    "",
  );
  const missed = figures.filter((figure) => {
    const result = results[figure.id];
    return result !== undefined && !judge(figure, result).met;
  });
  if (missed.length > 0) {
    lines.push("## Missed targets\n");
    for (const { what, floor = "Not looked into yet.", attempts = [] } of missed) {
      lines.push(
        `### ${what}\n`,
        floor,
        ...(attempts.length > 0 ? ["", ...attempts.map((one) => `- ${one}`)] : []),
        "",
      );
    }
  }
  lines.push("## Every run\n");
  for (const figure of figures.filter(({ id }) => results[id] !== undefined)) {
    lines.push(`![${figure.what.replaceAll(/[`[\]]/g, "")}](${file(figure.id)})\n`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

const file = (id: string): string => `performance/${id}.svg`;

function describe({ cores, memory, kernel, engine, plugins, versions, date }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${date}: ${cores} processors, ${memory} GiB, ${[kernel, engine, ...programs, plugins].join(", ")}`;
}

/** A plot for each figure that was measured, by its path in the checkout. */
export function performancePlots(figures: readonly Figure[], results: Results): Record<string, string> {
  return Object.fromEntries(
    figures.flatMap((figure) => {
      const result = results[figure.id];
      return result === undefined ? [] : [[`docs/${file(figure.id)}`, plot(figure, result)]];
    }),
  );
}

const WIDTH = 640;
/** Of a side. */
const ROW = 28;
/** Where the axis is, and its ends. */
const [LEFT, RIGHT, TOP] = [90, WIDTH - 30, 34];

/** Every run as a dot on an axis from 0, and the medians as lines. */
function plot({ what, unit, peer: other }: Figure, { ours, peer }: Result): string {
  const sides = [
    { name: "ours", values: ours, color: "#d95f02" },
    ...(peer === undefined ? [] : [{ name: "peer", values: peer, color: "#1b6ca8" }]),
  ];
  const largest = Math.max(...ours, ...(peer ?? []), Number.MIN_VALUE);
  const x = (value: number): string => (LEFT + ((RIGHT - LEFT) * value) / largest).toFixed(1);
  const bottom = TOP + sides.length * ROW;
  const rows = sides.flatMap(({ name, values, color }, at) => {
    const y = TOP + at * ROW + ROW / 2;
    const middle = x(median(values));
    return [
      `<text x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${name}</text>`,
      `<line x1="${middle}" x2="${middle}" y1="${y - 10}" y2="${y + 10}" stroke="${color}" stroke-width="2"/>`,
      ...values.map(
        (value) => `<circle cx="${x(value)}" cy="${y}" r="4" fill="${color}" fill-opacity="0.5"/>`,
      ),
    ];
  });
  const title = escaped(`${what}${other === undefined ? "" : `; peer: ${other}`}`.replaceAll("`", ""));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 30}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="10" y="20" font-size="11">${title}</text>`,
    ...rows,
    `<line x1="${LEFT}" x2="${RIGHT}" y1="${bottom}" y2="${bottom}" stroke="#888"/>`,
    ...[0, largest / 2, largest].map(
      (value) =>
        `<text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${rounded(value)}${value === largest ? ` ${escaped(unit)}` : ""}</text>`,
    ),
    "</svg>",
    "",
  ].join("\n");
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
