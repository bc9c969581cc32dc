/** Environment variables of servers, in clear and secret: the same keys for a profile, for a group, for a person. */
import { z } from "zod";

import { ENVIRONMENT_NAME, key, secret, TAKEN_AT_NEXT_START, textMap } from "./key";

const SECRET_REPLACES =
  "The hub's container is replaced; a notebook server gets the new value at its next start.";

/** `docs/environment.md` says whose value wins. */
export function environment(whose: string, more: string) {
  return textMap({
    description: `Environment variables of ${whose}, ${more}. \`{username}\` stands for the user name. No secrets.`,
    expected: "variables as NAME: value (names of letters, digits and _)",
    example: { OMP_NUM_THREADS: 2 },
    change: TAKEN_AT_NEXT_START,
  });
}

export function secrets(whose: string) {
  const value = secret({
    for: ["hub"],
    description: "A secret value. Nothing in it is replaced.",
    expected: "text",
    example: "text",
    change: SECRET_REPLACES,
  });
  return key(z.record(z.string().regex(ENVIRONMENT_NAME), value).prefault({}), {
    description:
      `Secret environment variables of ${whose}. They are kept from state, previews and logs; whoever has such a server can ` +
      "read them there.",
    expected: "variables as NAME: value (names of letters, digits and _)",
    example: { API_KEY: "text" },
    change: SECRET_REPLACES,
  });
}
