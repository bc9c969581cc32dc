/** `users`: what single people have that others have not. Who may log in is in `auth`. */
import { z } from "zod";
import { NEXT_START, key } from "./key";
import { someLimits } from "./limits";
import { byPerson } from "./people";

const user = key(z.strictObject({ limits: someLimits("What one notebook server of this person may use.") }), {
  description: "A person, under the user name.",
  expected: "a map with the key limits",
  example: { limits: { memory: "8G", swap: "unlimited" } },
  change: NEXT_START,
});

export const users = byPerson(user, {
  description:
    "What single people have that others have not, by user name. It lets nobody in: who may log in is in `auth`.",
  expected: "a map of limits by user name, every name once (who may log in is in auth)",
  example: { alice: { limits: { memory: "8G" } } },
  change: NEXT_START,
});
