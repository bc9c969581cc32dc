/** `notebook`: image, start and limits of the notebook servers. */
import { z } from "zod";

import { gpus } from "./gpus";
import { imageSource } from "./image";
import { jupyterlab } from "./jupyterlab";
import { key, NEXT_START, section, textMap, word } from "./key";
import { limits } from "./limits";
import { profiles } from "./profiles";
import { startPage } from "./start-page";

export const notebook = section(
  {
    image: imageSource({
      description:
        "The image of the notebook servers. `build`: from a folder. `pull`: from a registry. `packages`: lists of " +
        "packages to add to an image. `git`: from a Git repository.",
      change: NEXT_START,
    }).prefault({ kind: "build" }),
    jupyterlab,
    profiles,
    startPage: startPage().prefault("lab"),
    command: key(z.array(word).min(1).optional(), {
      description: "Command of the notebook containers, as a list of words.",
      expected: "a list of words, such as ['start-notebook.py', '--debug']",
      example: ["start-notebook.py", "--debug"],
      otherwise: "the image's own",
      change: NEXT_START,
    }),
    environment: textMap({
      description:
        "Environment variables of all notebook servers. `{username}` stands for the user name. Every user can read them: no " +
        "secrets, and no address with a login.",
      expected: "variables as NAME: value (names of letters, digits and _)",
      example: { TZ: "Europe/Berlin" },
      change: NEXT_START,
    }),
    gpus: gpus("none").optional(),
    limits,
  },
  {
    description: "The notebook servers.",
    example: { startPage: "lab", limits: { memory: "4G", cpus: 2 } },
    change: NEXT_START,
  },
).prefault({});
