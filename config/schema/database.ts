/** `database`: where the hub keeps what it knows. */
import { z } from "zod";
import { HUB_REPLACED, key } from "./key";

export const database = key(
  z.discriminatedUnion("kind", [z.strictObject({ kind: z.literal("sqlite") })]).prefault({ kind: "sqlite" }),
  {
    description: "The hub's database. `sqlite`: a file on the hub's volume.",
    expected: "a map whose kind is sqlite",
    example: { kind: "sqlite" },
    change: HUB_REPLACED,
  },
);
