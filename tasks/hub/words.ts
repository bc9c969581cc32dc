/** What is told of a hub that does not start, or was put back. Pure. */
import { withoutSecrets, withStackName } from "../../docker-api/hidden";
import { parsed } from "../../docker-api/json";
import { hubName } from "./containers";
import type { PutBack } from "./spare";

/** What to do after an update that failed. */
const NEXT = "Correct the configuration, then run ./up again: it replaces this hub with the new one.";

/** @param back what became of it: an error's message, or undefined where there was no hub to put back */
export function tellPutBack(prefix: string, back: PutBack | string | undefined, next = NEXT): string[] {
  if (back === undefined) {
    return [];
  }
  if (typeof back === "string") {
    return [`The last good hub could not be put back: ${back}`];
  }
  const restored = back.database === undefined ? "" : `, with its database (${back.database})`;
  return [
    back.isWell
      ? `The last good hub runs again${restored}: image, settings and secrets are as before this update.`
      : `The last good hub was put back${restored}, but it is not healthy: docker logs ${hubName(prefix)}`,
    next,
  ];
}

/** What a hub's container said, without its secrets. @param settings text of its settings file, which has the stack */
export function forPeople(said: string, secrets: readonly string[], settings: string | undefined): string {
  const text = withoutSecrets(said, secrets);
  const stack = stackIn(settings ?? "");
  return stack === undefined ? text : withStackName(text, stack);
}

/** From a file that may be half of one, or another one's: the reason is told all the same. */
function stackIn(settings: string): string | undefined {
  const { hub } = (parsed(settings) ?? {}) as { hub?: { stack?: unknown } | null };
  return typeof hub?.stack === "string" ? hub.stack : undefined;
}
