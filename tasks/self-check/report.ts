/** From outcomes to a table. Pure. */
import { table } from "../table";
import type { Probe } from "./list";

export interface Outcome {
  readonly open: boolean;
  readonly detail: string;
}

export interface Row {
  readonly name: string;
  /**
   * - `closed`: as it has to be, and the control shows that the target is there;
   * - `closed, unproven`: the control could not reach the target either: there may be nothing to reach;
   * - `open`, `open by design`: as it has to be;
   * - `HOLE`: open, and must not be; `BROKEN`: closed, and is needed.
   */
  readonly verdict: "closed" | "closed, unproven" | "open" | "open by design" | "HOLE" | "BROKEN";
  readonly notebook: string;
  readonly control: string;
}

const MISSING: Outcome = { open: false, detail: "no outcome" };

const describe = ({ open, detail }: Outcome): string => `${open ? "open" : "closed"} (${detail})`;

function verdict({ expected }: Probe, notebook: Outcome, control: Outcome): Row["verdict"] {
  if (expected === "closed") {
    if (notebook.open) {
      return "HOLE";
    }
    return control.open ? "closed" : "closed, unproven";
  }
  if (expected === "open") {
    return notebook.open ? "open" : "BROKEN";
  }
  return notebook.open ? "open by design" : "closed, unproven";
}

export function rows(
  probes: readonly Probe[],
  notebook: Readonly<Record<string, Outcome>>,
  controls: readonly Readonly<Record<string, Outcome>>[],
): Row[] {
  return probes.map((probe) => {
    // What is not there was not tried, and that is no proof of anything.
    const inside = notebook[probe.name];
    const tried = controls.flatMap((control) => control[probe.name] ?? []);
    const outside = tried.find(({ open }) => open) ?? tried[0] ?? MISSING;
    return {
      name: probe.name,
      verdict: inside === undefined ? "BROKEN" : verdict(probe, inside, outside),
      notebook: describe(inside ?? MISSING),
      control: describe(outside),
    };
  });
}

export const isBad = ({ verdict }: Row): boolean => verdict === "HOLE" || verdict === "BROKEN";

/** The rows as a table, those that are wrong last, where they are seen; and how many there are. */
export function render(list: readonly Row[]): string {
  const rows = [...list.filter((row) => !isBad(row)), ...list.filter(isBad)];
  const unproven = list.filter(({ verdict }) => verdict === "closed, unproven").length;
  return [
    table([
      ["what is tried", "verdict", "in a notebook", "control"],
      ...rows.map(({ name, verdict, notebook, control }) => [name, verdict, notebook, control]),
    ]),
    `${list.length} tried, ${list.filter(isBad).length} wrong, ${unproven} closed where the control found nothing either`,
  ].join("\n");
}

/** One line for each thing that is wrong. */
export function problems(list: readonly Row[]): string[] {
  return list
    .filter(isBad)
    .map(({ name, verdict, notebook }) =>
      verdict === "HOLE"
        ? `a notebook server can reach or do something that it must not: ${name}: ${notebook}`
        : `a notebook server cannot reach what it needs: ${name}: ${notebook}`,
    );
}
