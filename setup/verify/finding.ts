/** What a look at a stack brought to light. */

/** Something that is not as people need it. */
export interface Finding {
  /** A sentence without its end. */
  readonly what: string;
  /** When it began, where that is known. */
  readonly since?: Date | undefined;
  /** A command that mends it, right when pasted. */
  readonly fix?: string | undefined;
  /** Where none does for certain: one that shows more. */
  readonly see?: string | undefined;
  /** Role of the container or service that is at fault, where it is one: `proxy`, `hub`. */
  readonly role?: string | undefined;
  /** Whether it may be over in some seconds by itself. @default false */
  readonly settles?: boolean | undefined;
}

/** Milliseconds in which what has just been started may come to rest. */
export const SETTLING = 10_000;

/** Whether something that began then may be over by itself: what has failed for long goes on failing. */
export const isRecent = (since: Date | undefined): boolean =>
  since === undefined || Date.now() - since.getTime() < SETTLING;

/** What was found. */
export interface Look {
  readonly findings: readonly Finding[];
  /** Checks that could not be made, and why: sentences without their ends. None of them counts as passed. */
  readonly unmade: readonly string[];
}

export const found = (...findings: readonly Finding[]): Look => ({ findings, unmade: [] });
export const notMade = (...unmade: readonly string[]): Look => ({ findings: [], unmade });
export const WELL: Look = found();

/** All of several looks, in their order. */
export const together = (looks: readonly Look[]): Look => ({
  findings: looks.flatMap(({ findings }) => findings),
  unmade: looks.flatMap(({ unmade }) => unmade),
});

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** `since 15:42:10 UTC, 3 min ago`; with the day where it was another one. */
export function sinceWords(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1000));
  const [size, unit] = UNITS.find(([least]) => seconds >= least) ?? [1, "s"];
  const iso = since.toISOString();
  const day = iso.slice(0, 10) === now.toISOString().slice(0, 10) ? "" : `${iso.slice(0, 10)} `;
  return `since ${day}${iso.slice(11, 19)} UTC, ${Math.floor(seconds / size)} ${unit} ago`;
}

/** For whoever reads why it is not said that the hub is up. Empty where nothing was found. */
export function renderFindings(findings: readonly Finding[], now: Date): string[] {
  if (findings.length === 0) {
    return [];
  }
  const lines = findings.flatMap(({ what, since, fix, see }) => [
    `  ${what}${since === undefined ? "" : `, ${sinceWords(since, now)}`}.`,
    ...(fix === undefined ? [] : [`    To fix it:  ${fix}`]),
    ...(see === undefined ? [] : [`    To see more:  ${see}`]),
  ]);
  return ["JupyterHub does not work as it should:", ...lines];
}

/** What nobody may take for looked at. */
export const renderUnmade = (unmade: readonly string[]): string[] =>
  unmade.map((reason) => `Not checked:       ${reason}.`);
