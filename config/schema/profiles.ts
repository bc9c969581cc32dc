/** `notebook.profiles`: kinds of servers that people choose from. */
import { z } from "zod";

import { environment, secrets } from "./environment";
import { gpus } from "./gpus";
import { imageSource } from "./image";
import { key, section, TAKEN_AT_NEXT_START, word } from "./key";
import { someLimits } from "./limits";
import { groupName, userName } from "./people";
import { startPage } from "./start-page";

const CHANGE = TAKEN_AT_NEXT_START;

export const SLUG = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** The name as an identifier: `Data science (R)` is `data-science-r`. */
export function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+/g, "")
    .slice(0, 32)
    .replaceAll(/-+$/g, "");
}

const names = (what: string, name: z.ZodType<string, string>, example: string[], expected: string) =>
  key(z.array(name).prefault([]), {
    description: `${what} who may choose it. Without \`users\` and \`groups\`, everybody may; with both, members of either.`,
    expected: `a list of names (${expected})`,
    example,
    change: CHANGE,
  });

const profile = section(
  {
    name: key(z.string().trim().min(1).max(80), {
      description: "Name in the list.",
      expected: "text of 1 to 80 characters",
      example: "Data science with R",
      change: CHANGE,
    }),
    slug: key(z.string().regex(SLUG).optional(), {
      description: 'Identifier for the API, as in `{"profile": "data-science"}`, and in names of images.',
      expected: "1 to 32 characters of a-z, 0-9 and -, the first and last one a letter or a digit",
      example: "data-science",
      otherwise: "made from the name",
      change: CHANGE,
    }),
    description: key(z.string().trim().max(500).default(""), {
      description: "Text below the name.",
      expected: "text of at most 500 characters",
      example: "R 4.5 with tidyverse, 4 GB of memory",
      change: CHANGE,
    }),
    default: key(z.boolean().default(false), {
      description:
        "Preselect this profile for people who have not chosen yet. Without one, the first in the list is preselected.",
      expected: "true for one profile, or false",
      example: true,
      change: CHANGE,
    }),
    image: imageSource({
      description: "Image of these servers.",
      otherwise: "`notebook.image`",
      change: CHANGE,
    }).optional(),
    limits: someLimits("Limits of these servers."),
    environment: environment("these servers", "over `notebook.environment`"),
    secrets: secrets("these servers"),
    command: key(z.array(word).min(1).optional(), {
      description: "Command of these servers, as a list of words.",
      expected: "a list of words, such as ['start-notebook.py', '--debug']",
      example: ["start-notebook.py", "--debug"],
      otherwise: "`notebook.command`",
      change: CHANGE,
    }),
    startPage: startPage("`notebook.startPage`").optional(),
    gpus: gpus("`notebook.gpus`").optional(),
    users: names("People", userName("alice"), ["alice"], "user names"),
    groups: names("Groups", groupName(), ["physics"], "group names, as the hub knows them"),
  },
  {
    description: "A kind of server.",
    example: { name: "Data science with R" },
    change: CHANGE,
  },
).transform((value) => ({ ...value, slug: value.slug ?? slugOf(value.name) }));

export const profiles = key(z.array(profile).max(50).default([]), {
  description:
    "Kinds of servers to choose from: people who may use more than one choose in a form before the start. Without any, all " +
    "servers follow the keys of `notebook`.",
  expected: "a list of at most 50 maps, each with a name",
  example: [
    { name: "Small", default: true },
    { name: "Large", limits: { memory: "8G", cpus: 4 }, groups: ["physics"] },
  ],
  change: CHANGE,
});
