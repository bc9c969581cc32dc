/** `servers`: how many notebook servers run, for how long, and when they are stopped. */
import { z } from "zod";

import { duration, durationOrNever } from "./duration";
import { flag, HUB_REPLACED, key, NEXT_START, oneKind, section, TAKEN_OVER } from "./key";
import { groupName } from "./people";

const DAY = 86_400;

const exceptionKeys = {
  name: key(groupName(), {
    description: "Name of the group, or slug of the profile.",
    expected: "the name of a group, or the slug of a profile",
    example: "research",
    change: TAKEN_OVER,
  }),
  timeout: durationOrNever(1, 365 * DAY, {
    description: "Idle time after which its servers are stopped, or `never`.",
    example: "8h",
    otherwise: "the general one",
    change: TAKEN_OVER,
  }).optional(),
  maxAge: durationOrNever(1, 365 * DAY, {
    description: "Age at which its servers are stopped even if they are in use, or `never`.",
    example: "never",
    otherwise: "the general one",
    change: TAKEN_OVER,
  }).optional(),
};

const exception = oneKind(
  [
    z.strictObject({ kind: z.literal("group"), ...exceptionKeys }),
    z.strictObject({ kind: z.literal("profile"), ...exceptionKeys }),
  ],
  {
    description: "Servers with their own times: those of a `group`'s members, or those of a `profile`.",
    example: { kind: "group", name: "research", timeout: "8h" },
    change: TAKEN_OVER,
  },
);

const idle = section(
  {
    timeout: durationOrNever(1, 365 * DAY, {
      description:
        "Idle time after which a server is stopped. The server itself reports when it was last used, see " +
        "`servers.activityInterval`. Requests and output of terminals and kernels count; a kernel that computes in " +
        "silence does not.",
      example: "1h",
      change: TAKEN_OVER,
    }).prefault("never"),
    maxAge: durationOrNever(1, 365 * DAY, {
      description: "Age at which a server is stopped even if it is in use.",
      example: "7d",
      change: TAKEN_OVER,
    }).prefault("never"),
    checkInterval: duration(1, DAY, {
      description: "How often the hub looks for idle servers.",
      example: "1m",
      otherwise: "half of the shortest time, at most 10 minutes",
      change: TAKEN_OVER,
    }).optional(),
    users: flag({
      description:
        "Also remove people from the hub when they and their servers were idle for `timeout`: for temporary " +
        "users. Admins stay. Homes stay on the Docker host.",
      example: true,
      change: TAKEN_OVER,
    }).default(false),
    exceptions: key(z.array(exception).default([]), {
      description:
        "Groups and profiles with their own times. If several apply to a server, the longest time wins.",
      expected: "a list of groups and profiles, each with a kind, a name and times",
      example: [{ kind: "group", name: "research", timeout: "never" }],
      change: TAKEN_OVER,
    }),
  },
  {
    description: "Stopping servers that nobody uses.",
    example: { timeout: "1h", maxAge: "7d" },
    change: `${TAKEN_OVER} So it is where servers were never stopped before, or are never stopped any more.`,
  },
).prefault({});

export const servers = section(
  {
    idle,
    shutdownOnLogout: flag({
      description: "Stop a person's servers when the person logs out.",
      example: true,
      change: HUB_REPLACED,
    }).default(false),
    named: key(z.int().min(0).max(1000).default(0), {
      description:
        "Named servers that a person may have in addition to the default one. All of a person's servers share the home.",
      expected: "a whole number of servers from 0 to 1000",
      example: 3,
      change: HUB_REPLACED,
    }),
    concurrentSpawnLimit: key(z.int().min(0).max(10_000).default(100), {
      description:
        "Servers that may be starting at the same time; other people are asked to try again. 0 for no limit.",
      expected: "a whole number of servers from 0 to 10000",
      example: 20,
      change: HUB_REPLACED,
    }),
    activeServerLimit: key(z.int().min(0).max(100_000).default(0), {
      description: "Servers that may run at the same time, for all people together. 0 for no limit.",
      expected: "a whole number of servers from 0 to 100000",
      example: 50,
      change: HUB_REPLACED,
    }),
    startTimeout: duration(5, 3600, {
      description: "How long a server's container may take to start.",
      example: "2m",
      change: HUB_REPLACED,
    }).prefault("1m"),
    httpTimeout: duration(5, 3600, {
      description: "How long a started server may take to answer.",
      example: "1m",
      change: HUB_REPLACED,
    }).prefault("30s"),
    activityInterval: duration(1, 3600, {
      description: "How often a server reports to the hub when it was last used.",
      example: "1m",
      change: NEXT_START,
    }).prefault("5m"),
    lastActivityInterval: duration(5, 3600, {
      description:
        "How often the hub compares the proxy's routes with the running servers, and corrects them.",
      example: "1m",
      change: HUB_REPLACED,
    }).prefault("5m"),
    disableUserConfig: flag({
      description:
        "Ignore the Jupyter configuration in people's homes, so that nobody can weaken the image's settings.",
      example: true,
      change: NEXT_START,
    }).default(false),
  },
  {
    description: "Running notebook servers: how many, for how long, and when they are stopped.",
    example: { idle: { timeout: "1h" }, named: 2 },
    change: HUB_REPLACED,
  },
).prefault({});
