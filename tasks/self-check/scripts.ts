/** Python programs for containers that have nothing but Python. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const read = (name: string): string => readFileSync(join(__dirname, name), "utf8");

/** `attack LIST`: tries what a server could. */
export const PROBE = read("probe.py");

/** `listen`, `serve PORT…`: is there to be reached. */
export const TARGETS = read("targets.py");
