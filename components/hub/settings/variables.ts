import { sorted } from "../../sorted";

export interface Variables {
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the files with the values. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Environment variables under their key, where there are any. */
export function someVariables(of: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const some = Object.entries(of).filter(([, variables]) => Object.keys(variables).length > 0);
  return Object.fromEntries(some.map(([key, variables]) => [key, sorted(variables)]));
}
