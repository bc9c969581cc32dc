import { posix } from "node:path";

import type { HubConfig } from "../../../config";
import type { ContainerFile } from "../../container";
import { section } from "./section";

type Files = HubConfig["hubFiles"];
type File = Files[number];

/** Where the hub's container has the files of the stack's folder. */
const places: Readonly<Record<File["place"], string>> = {
  "extra-config": "/etc/jupyterhub",
  templates: "/etc/jupyterhub/templates",
  logo: "/etc/jupyterhub",
  // JupyterHub serves one folder of static files, its own; this one in it is free.
  static: "/opt/venv/share/jupyterhub/static/external",
};

/** Path of a file in the hub's container. */
function pathOf({ place, name }: File): string {
  return posix.join(places[place], name);
}

/** The files as the hub's container gets them. */
export function hubUploads(files: Files): ContainerFile[] {
  return files.map((file) => ({ path: pathOf(file), base64: file.base64 }));
}

/** Path of the one file of a place, or null. */
export function pathIn(files: Files, place: File["place"]): string | null {
  const found = files.find((file) => file.place === place);
  return found === undefined ? null : pathOf(found);
}

/** How the hub's pages look. */
export function renderPages(announcement: HubConfig["hub"]["announcement"], files: Files) {
  return {
    announcement: section(["all", "login", "home", "spawn", "logout"], announcement),
    logo: pathIn(files, "logo"),
    templates: files.some(({ place }) => place === "templates") ? places.templates : null,
  };
}
