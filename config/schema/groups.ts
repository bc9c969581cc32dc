/** `groups`: people who share a folder, limits, environment variables. Data of the hub, not resources. */
import { environment, secrets } from "./environment";
import { flag, oneOf, section, TAKEN_AT_NEXT_START } from "./key";
import { someLimits } from "./limits";
import { byGroup, userNames } from "./people";

const group = section(
  {
    members: userNames("People in the group, by user name.", "alice"),
    fromLogin: flag({
      description:
        "The login service, or an admin in the hub, adds people to the group. They are members in addition to those in " +
        "`members`.",
      example: true,
      change: TAKEN_AT_NEXT_START,
    }).default(false),
    folder: oneOf(["none", "read-only", "read-write"], {
      description:
        "A folder for the members, at `groups/<name>` next to `shared`. `read-only`: only admins among them can write.",
      example: "read-write",
      change: TAKEN_AT_NEXT_START,
    }).default("none"),
    limits: someLimits("Limits of one notebook server of a member."),
    environment: environment("members' servers", "over those of `notebook` and of the profile"),
    secrets: secrets("members' servers"),
  },
  {
    description:
      "A group, by its name at the login service, such as `physics`, `Fakultät Physik`, `R&D` or `/staff/it`: 1 to 255 " +
      "characters without control characters.",
    example: { members: ["alice", "bob"], folder: "read-write" },
    change: TAKEN_AT_NEXT_START,
  },
);

export const groups = byGroup(group, {
  description:
    "Groups of people, by name, and what their members share: a folder, limits, environment variables.",
  expected:
    "a map of groups by name (1 to 255 characters without control characters, no space at either end), every name once",
  example: { physics: { members: ["alice", "bob"], folder: "read-write", limits: { memory: "4G" } } },
  change: TAKEN_AT_NEXT_START,
});
