/** The configuration of a stack: the only code that reads it is here. */
export { loadConfig } from "./load";
export type * from "./types";
export { allLimits, largestLimits, type PlacedLimits } from "./limits";
export { secretsFor } from "./secrets";
