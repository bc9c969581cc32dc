/** `logging`: logs of the containers. */
import { z } from "zod";

import { key, section } from "./key";

export const logging = section(
  {
    maxSize: key(
      z
        .string()
        .regex(/^[1-9][0-9]*[kmg]$/)
        .default("10m"),
      {
        description: "Size at which a container's log file is rotated (k, m, g; base 1024).",
        expected: "a whole number with k, m or g, such as 10m",
        example: "50m",
        change: "Hub and proxy are replaced.",
      },
    ),
    maxFiles: key(z.int().min(1).max(1000).default(3), {
      description: "Log files to keep per container.",
      expected: "a whole number of files from 1 to 1000",
      example: 5,
      change: "Hub and proxy are replaced.",
    }),
  },
  {
    description: "Logs of the containers.",
    example: { maxSize: "50m", maxFiles: 5 },
  },
).prefault({});
