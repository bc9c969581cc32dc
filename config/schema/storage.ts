/** `storage`: people's homes, and what is kept. */
import { z } from "zod";
import { ABSOLUTE_PATH, NEXT_START, key } from "./key";

export const storage = key(
  z
    .strictObject({
      homes: key(
        z
          .discriminatedUnion("kind", [
            z.strictObject({
              kind: z.literal("volume"),
              mountPath: key(z.string().regex(ABSOLUTE_PATH).default("/home/jovyan"), {
                description: "Where the home is in the notebook container.",
                expected: "an absolute path of letters, digits, . _ -",
                example: "/home/jovyan",
                change: NEXT_START,
              }),
            }),
          ])
          .prefault({ kind: "volume" }),
        {
          description: "Where people's files are. `volume`: a Docker volume for each user.",
          expected: "a map whose kind is volume",
          example: { kind: "volume", mountPath: "/home/jovyan" },
          change: NEXT_START,
        },
      ),
      retain: key(z.boolean().default(true), {
        description:
          "Keep the volume with the hub's database when the stack is destroyed: the next `pulumi up` uses it again. " +
          "People's homes are kept in any case.",
        expected: "true or false",
        example: false,
        change: "Nothing is replaced.",
      }),
    })
    .prefault({}),
  {
    description: "People's data.",
    expected: "a map with the keys homes, retain",
    example: { homes: { kind: "volume", mountPath: "/home/jovyan" }, retain: true },
  },
);
