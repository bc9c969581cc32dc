/** `groups`: people who share a folder, limits or both. Data of the hub, not resources. */
import { z } from "zod";
import { NEXT_START, key, userNames } from "./key";
import { someLimits } from "./limits";

/** Names of groups as login services have them, such as `physics`, `course:admin` or `/staff/it`. */
export const GROUP_NAME = /^[A-Za-z0-9/][A-Za-z0-9 ._:@/+-]{0,99}$/;

const group = key(
  z.strictObject({
    members: userNames("People in the group, by user name.", "alice"),
    fromLogin: key(z.boolean().default(false), {
      description:
        "The login service, or an admin in the hub, puts people into the group. They are members besides those of " +
        "`members`.",
      expected: "true or false",
      example: true,
      change: NEXT_START,
    }),
    folder: key(z.enum(["none", "read-only", "read-write"]).default("none"), {
      description:
        "A folder for the members, at `groups/<name>` beside `shared`. `read-only`: only admins among them can write.",
      expected: "one of none, read-only, read-write",
      example: "read-write",
      change: NEXT_START,
    }),
    limits: someLimits("What one notebook server of a member may use."),
  }),
  {
    description: "A group, under its name: 1 to 100 characters of letters, digits, spaces and . _ : @ / + -.",
    expected: "a map with the keys members, fromLogin, folder, limits",
    example: { members: ["alice", "bob"], folder: "read-write" },
    change: NEXT_START,
  },
);

export const groups = key(z.record(z.string().regex(GROUP_NAME), group).prefault({}), {
  description: "Groups of people, by name, with what their members share: a folder, limits.",
  expected:
    "a map of groups by name (1 to 100 characters of letters, digits, spaces and . _ : @ / + -, the first one a " +
    "letter, a digit or /)",
  example: { physics: { members: ["alice", "bob"], folder: "read-write", limits: { memory: "4G" } } },
  change: NEXT_START,
});
