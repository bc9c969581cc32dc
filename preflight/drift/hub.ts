/** What else is a reason to recreate the hub: it looks at these things at its start only. */
import type { Drift } from "./compare";
import { CONTAINER, VOLUME } from "./kinds";
import type { Made } from "./made";

/** Of a database that begins anew under a hub that runs: the hub creates its tables at its start. */
export const lostDatabase = (drift: readonly Drift[], prefix: string): readonly string[] =>
  drift.some(({ type, physicalName }) => type === VOLUME && physicalName === `${prefix}-database-data`)
    ? [`its database starts empty: the volume ${prefix}-database-data has to be recreated`]
    : [];

/** The drift with these reasons as the hub's: routes that are missing, say. None where the state has no hub's container. */
export function withHub(
  drift: readonly Drift[],
  reasons: readonly string[],
  prefix: string,
  made: readonly Made[],
): readonly Drift[] {
  const physicalName = `${prefix}-hub`;
  const hub = made.find(({ type, outputs }) => type === CONTAINER && outputs["name"] === physicalName);
  if (reasons.length === 0 || hub === undefined) {
    return drift;
  }
  const { type, name } = hub;
  const known = drift.find((one) => one.type === type && one.name === name);
  const changes = [...(known?.changes ?? []), ...reasons];
  return [
    ...drift.filter((one) => one !== known),
    { type, name, physicalName, object: `container ${physicalName}`, ...known, changes },
  ];
}
