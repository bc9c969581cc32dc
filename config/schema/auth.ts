/** `auth`: how people log in, and who may. */
import { z } from "zod";
import { HUB_REPLACED, key, userNames } from "./key";

export const auth = key(
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("shared-password"),
      users: userNames("Who may log in with the users' password.", "alice"),
      admins: userNames(
        "Who may log in with the admins' password and may manage the hub. A name may be in both lists.",
        "admin",
      ),
    }),
  ]),
  {
    description:
      "How people log in. `shared-password`: one generated password for all users, one for all admins. At least " +
      "one name in `users` or `admins` is needed.",
    expected: "a kind of login, and at least one name in users or admins",
    example: { kind: "shared-password", users: ["alice"], admins: ["admin"] },
    change: HUB_REPLACED,
  },
);
