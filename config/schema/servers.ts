/** `servers`: how many notebook servers run, for how long, and when they are stopped. */
import { z } from "zod";
import { duration, durationOrNever } from "./duration";
import { HUB_REPLACED, NEXT_START, key } from "./key";
import { groupName } from "./people";

const DAY = 86_400;

const exceptionKeys = {
  name: key(groupName(), {
    description: "Name of the group, or slug of the profile.",
    expected: "the name of a group, or the slug of a profile",
    example: "research",
    change: HUB_REPLACED,
  }),
  timeout: durationOrNever(1, 365 * DAY, {
    description: "Idle time after which its servers are stopped; `never` for not at all.",
    expected: "a time",
    example: "8h",
    otherwise: "that of all others",
    change: HUB_REPLACED,
  }).optional(),
  maxAge: durationOrNever(1, 365 * DAY, {
    description: "Age at which its servers are stopped though they are used; `never` for not at all.",
    expected: "a time",
    example: "never",
    otherwise: "that of all others",
    change: HUB_REPLACED,
  }).optional(),
};

const exception = key(
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("group"), ...exceptionKeys }),
    z.strictObject({ kind: z.literal("profile"), ...exceptionKeys }),
  ]),
  {
    description: "Servers with times of their own: those of a `group`'s members, or those of a `profile`.",
    expected: "a map whose kind is group or profile, with a name and times",
    example: { kind: "group", name: "research", timeout: "8h" },
    change: HUB_REPLACED,
  },
);

const idle = key(
  z
    .strictObject({
      timeout: durationOrNever(1, 365 * DAY, {
        description:
          "Idle time after which a server is stopped. What it was used last is told by the server itself, see " +
          "`servers.activityInterval`: requests, open terminals' and kernels' output count, a kernel that computes in " +
          "silence does not.",
        expected: "a time",
        example: "1h",
        change: HUB_REPLACED,
      }).prefault("never"),
      maxAge: durationOrNever(1, 365 * DAY, {
        description: "Age at which a server is stopped though it is used.",
        expected: "a time",
        example: "7d",
        change: HUB_REPLACED,
      }).prefault("never"),
      checkInterval: duration(1, DAY, {
        description: "How often is looked for idle servers.",
        expected: "a time",
        example: "1m",
        otherwise: "half of the shortest time, at most 10 minutes",
        change: HUB_REPLACED,
      }).optional(),
      users: key(z.boolean().default(false), {
        description:
          "Remove people from the hub, too, when they and their servers were idle for `timeout`: for temporary " +
          "users. Admins stay. Homes stay on the Docker host.",
        expected: "true or false",
        example: true,
        change: HUB_REPLACED,
      }),
      exceptions: key(z.array(exception).default([]), {
        description:
          "Groups and profiles with times of their own. Where several fit one server, the longest time holds.",
        expected: "a list of maps whose kind is group or profile",
        example: [{ kind: "group", name: "research", timeout: "never" }],
        change: HUB_REPLACED,
      }),
    })
    .prefault({}),
  {
    description: "Stopping servers that nobody uses.",
    expected: "a map with the keys timeout, maxAge, checkInterval, users, exceptions",
    example: { timeout: "1h", maxAge: "7d" },
    change: HUB_REPLACED,
  },
);

export const servers = key(
  z
    .strictObject({
      idle,
      shutdownOnLogout: key(z.boolean().default(false), {
        description: "Stop a person's servers when the person logs out.",
        expected: "true or false",
        example: true,
        change: HUB_REPLACED,
      }),
      named: key(z.int().min(0).max(1000).default(0), {
        description:
          "Named servers that a person may have beside the default one. All of a person's servers share the home.",
        expected: "a whole number of servers from 0 to 1000",
        example: 3,
        change: HUB_REPLACED,
      }),
      concurrentSpawnLimit: key(z.int().min(0).max(10_000).default(100), {
        description:
          "Servers that may be starting at one time; who comes after is asked to try again. 0 for no limit.",
        expected: "a whole number of servers from 0 to 10000",
        example: 20,
        change: HUB_REPLACED,
      }),
      activeServerLimit: key(z.int().min(0).max(100_000).default(0), {
        description: "Servers that may run at one time, of all people together. 0 for no limit.",
        expected: "a whole number of servers from 0 to 100000",
        example: 50,
        change: HUB_REPLACED,
      }),
      startTimeout: duration(5, 3600, {
        description: "Time that a server has to start its container.",
        expected: "a time",
        example: "2m",
        change: HUB_REPLACED,
      }).prefault("1m"),
      httpTimeout: duration(5, 3600, {
        description: "Time that a started server has until it answers.",
        expected: "a time",
        example: "1m",
        change: HUB_REPLACED,
      }).prefault("30s"),
      activityInterval: duration(1, 3600, {
        description: "How often a server tells the hub when it was used last.",
        expected: "a time",
        example: "1m",
        change: NEXT_START,
      }).prefault("5m"),
      lastActivityInterval: duration(5, 3600, {
        description:
          "How often the hub compares the proxy's routes with the servers that run, and mends them.",
        expected: "a time",
        example: "1m",
        change: HUB_REPLACED,
      }).prefault("5m"),
      disableUserConfig: key(z.boolean().default(false), {
        description:
          "Take no notice of the Jupyter configuration in people's homes: nobody can loosen what the image sets.",
        expected: "true or false",
        example: true,
        change: NEXT_START,
      }),
    })
    .prefault({}),
  {
    description: "The notebook servers that run: how many, for how long, and when they are stopped.",
    expected:
      "a map with the keys idle, shutdownOnLogout, named, concurrentSpawnLimit, activeServerLimit, startTimeout, " +
      "httpTimeout, activityInterval, lastActivityInterval, disableUserConfig",
    example: { idle: { timeout: "1h" }, named: 2 },
    change: HUB_REPLACED,
  },
);
