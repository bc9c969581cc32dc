/** `logging`: logs of the containers, people's servers among them. */
import { z } from "zod";

import { key, section } from "./key";

const CHANGE = "The stack's containers are replaced; a notebook server gets it at its next start.";

export const logging = section(
  {
    driver: key(
      z
        .string()
        .regex(/^[a-z0-9]([a-z0-9._/:-]{0,126}[a-z0-9])?$/)
        .refine((name) => name !== "none")
        .default("json-file"),
      {
        description:
          "Docker's logging driver: `json-file`, `local`, `journald`, `syslog`, `fluentd`, `gelf` or another one that the engine " +
          "has, such as a plugin. With all of them `./hub logs` works, since the engine keeps the last lines itself.",
        expected: "the name of a logging driver of the engine (not none: the hub reads why a server ended)",
        example: "journald",
        change: CHANGE,
      },
    ),
    options: key(
      z
        .record(
          z.string().regex(/^[a-z][a-z0-9._-]*$/),
          z
            .union([z.string(), z.number(), z.boolean()])
            .meta({ expected: "text", example: "text" })
            .transform(String),
        )
        .prefault({}),
      {
        description:
          "Options of the driver, as `docker run --log-opt` has them. Whoever can inspect containers reads them: no passwords.",
        expected: "options as name: value (names of a-z, 0-9 and . _ -)",
        example: { "syslog-address": "udp://192.0.2.7:514", tag: "{{.Name}}" },
        change: CHANGE,
      },
    ),
    maxSize: key(
      z
        .string()
        .regex(/^[1-9][0-9]*[kmg]$/)
        .default("10m"),
      {
        description:
          "Size at which a container's log file is rotated (k, m, g; base 1024), with the drivers `json-file` and `local`.",
        expected: "a whole number with k, m or g, such as 10m",
        example: "50m",
        change: CHANGE,
      },
    ),
    maxFiles: key(z.int().min(1).max(1000).optional(), {
      description: "Log files to keep per container, with the drivers `json-file` and `local`.",
      expected: "a whole number of files from 1 to 1000",
      example: 5,
      otherwise: "3, and 2 for people's servers",
      change: CHANGE,
    }),
  },
  {
    description: "Logs of the containers and of people's servers.",
    example: { maxSize: "50m", maxFiles: 5 },
  },
).prefault({});
