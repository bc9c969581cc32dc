/** `hub`: the hub itself. */
import { z } from "zod";
import { HUB_REPLACED, key } from "./key";

export const hub = key(
  z
    .strictObject({
      logLevel: key(z.enum(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]).default("INFO"), {
        description: "How much the hub logs.",
        expected: "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        example: "DEBUG",
        change: HUB_REPLACED,
      }),
    })
    .prefault({}),
  {
    description: "The hub.",
    expected: "a map with the key logLevel",
    example: { logLevel: "DEBUG" },
    change: HUB_REPLACED,
  },
);
