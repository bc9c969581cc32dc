/** How the hub's pages look. */
import { z } from "zod";

import { HUB_REPLACED, key, section, TAKEN_OVER } from "./key";

const page = (where: string) =>
  key(z.string().min(1).max(10_000).optional(), {
    description: `Text or HTML shown at the top of ${where}.`,
    expected: "text or HTML",
    example: "Maintenance on Friday, 18:00 to 20:00.",
    change: TAKEN_OVER,
  });

export const announcement = section(
  {
    all: page("every page of the hub"),
    login: page("the login page, instead of `all`"),
    home: page("the home page, instead of `all`"),
    spawn: page("the page with server options, instead of `all`"),
    logout: page("the page after logging out, instead of `all`"),
  },
  {
    description: "Announcement at the top of the hub's pages. HTML is inserted unchanged.",
    example: { all: "Maintenance on Friday, 18:00 to 20:00." },
    change: TAKEN_OVER,
  },
).prefault({});

export const logo = key(
  z
    .string()
    .regex(/\.(png|svg|jpg|jpeg|gif|webp)$/i)
    .optional(),
  {
    description: "Picture that replaces JupyterHub's logo. Relative to the folder of `Pulumi.yaml`.",
    expected: "the path of a picture that ends in .png, .svg, .jpg, .jpeg, .gif or .webp",
    example: "./pages/logo.svg",
    otherwise: "JupyterHub's logo",
    change: HUB_REPLACED,
  },
);

export const templates = key(z.string().min(1).optional(), {
  description:
    "Folder with page templates (Jinja). A file with the name of one of JupyterHub's templates replaces it, and may extend " +
    'it: `{% extends "templates/page.html" %}`.',
  expected: "the path of a folder with templates",
  example: "./pages/templates",
  otherwise: "JupyterHub's templates",
  change: HUB_REPLACED,
});

export const staticFiles = key(z.string().min(1).optional(), {
  description:
    'Folder with style sheets, pictures and other files, served under `hub/static/external/`; in templates: `{{ static_url("external/name.css") }}`.',
  expected: "the path of a folder with files",
  example: "./pages/static",
  otherwise: "none",
  change: HUB_REPLACED,
});
