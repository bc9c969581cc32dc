/** `notebook.jupyterlab`: settings of JupyterLab that people start with. */
import { z } from "zod";

import { key, NEXT_START, section } from "./key";

const PLUGIN = /^@?[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*:[A-Za-z0-9._-]+$/;

export const jupyterlab = section(
  {
    overrides: key(z.record(z.string().regex(PLUGIN), z.record(z.string(), z.unknown())).prefault({}), {
      description:
        "Default settings, as in JupyterLab's `overrides.json`: a map for each plugin. People may change them for " +
        "themselves.",
      expected:
        "a map of plugin ids such as @jupyterlab/apputils-extension:themes, each with a map of settings",
      example: { "@jupyterlab/apputils-extension:themes": { theme: "JupyterLab Dark" } },
      change: NEXT_START,
    }),
    overridesFile: key(z.string().min(1).optional(), {
      description: "JSON file with such settings. For a plugin in both, `overrides` wins.",
      expected: "the path of a JSON file",
      example: "./overrides.json",
      change: NEXT_START,
    }),
  },
  {
    description: "JupyterLab in the notebook servers, whatever their image.",
    example: { overrides: { "@jupyterlab/apputils-extension:themes": { theme: "JupyterLab Dark" } } },
    change: NEXT_START,
  },
).prefault({});
