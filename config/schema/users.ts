/** `users`: what single people have that others have not. Who may log in is in `auth`. */
import { environment, secrets } from "./environment";
import { section, TAKEN_AT_NEXT_START } from "./key";
import { someLimits } from "./limits";
import { byPerson } from "./people";

const user = section(
  {
    limits: someLimits("Limits of one notebook server of this person."),
    environment: environment("this person's servers", "over all others"),
    secrets: secrets("this person's servers"),
  },
  {
    description: "A person, under the user name.",
    example: { limits: { memory: "8G", swap: "unlimited" } },
    change: TAKEN_AT_NEXT_START,
  },
);

export const users = byPerson(user, {
  description:
    "Settings for single people, by user name. A name here does not let anybody in: that is what `auth` is for.",
  expected: "a map of limits and variables by user name, every name once (who may log in is in auth)",
  example: { alice: { limits: { memory: "8G" } } },
  change: TAKEN_AT_NEXT_START,
});
