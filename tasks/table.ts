/** Tables for people. Pure. */
import { shownName } from "../config/values/names";

/** Rows as text columns of equal width, without blanks at the ends of lines. */
export function table(cells: readonly (readonly string[])[]): string {
  // Labels and names are the engine's, and whoever took over the hub may have chosen them.
  const rows = cells.map((row) => row.map(shownName));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
