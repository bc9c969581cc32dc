import type { Machine } from "../../../setup/machine";

/** A machine that has nothing, for tests. */
export function machine(overrides: Partial<Machine> = {}): Machine {
  return {
    root: "/checkout",
    cache: "/cache",
    home: "/home/ada",
    env: { PATH: "/usr/bin:/bin" },
    platform: "linux",
    isRoot: false,
    hasSystemd: false,
    ...overrides,
  };
}
