/** Probes as they are tried. Pure. */
import type { Attempt, Probe } from "./list";

/** A probe as a notebook tries it. */
export function attempt({ name, kind, host, port, path }: Probe): Attempt {
  return {
    name,
    kind,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
  };
}

/** A probe as a control tries it. */
export function controlAttempt(probe: Probe): Attempt {
  return { ...attempt(probe), ...(probe.controlHost === undefined ? {} : { host: probe.controlHost }) };
}
